"""Every syllable Vietnamese spelling allows: onset × rime × tone, by rule rather than from anybody's list.

The rules are those of the written language (chữ Quốc ngữ): k, gh, ngh before front vowels and c, g, ng elsewhere;
a syllable that ends in p, t, c or ch takes only the sharp or the heavy tone; the tone of oa, oe, uy may stand on
either vowel (hòa and hoà are both in use), here folded into one by `canonical`.
"""

import unicodedata
from functools import cache

_FRONT_RIMES = """
e ec em en eng eo ep et
ê êch êm ên ênh êp êt êu
i ia ich im in inh ip it iu
iêc iêm iên iêng iêp iêt iêu y
"""

_OTHER_RIMES = """
a ac ach ai am an ang anh ao ap at au ay
ăc ăm ăn ăng ăp ăt
âc âm ân âng âp ât âu ây
o oc oi om on ong op ot ooc oong
oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet
ô ôc ôi ôm ôn ông ôp ôt
ơ ơi ơm ơn ơp ơt
u ua uc ui um un ung up ut
uân uâng uât uây uê uêch uên uênh uôc uôi uôm uôn uông uôt uơ
uy uya uych uyn uyên uynh uyp uyt uyêt uyu
ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
"""

_BARE_RIMES = "yêm yên yêng yêt yêu"
_AFTER_QU = """
a ac ach ai an ang anh ao at au ay ăc ăm ăn ăng ăp ăt ân âng ât ây
e en eo et ê êch ên ênh êt êu i ơ ơi ôc ôt y ych yên yêt ynh yt yp
"""

_ONSETS_ANYWHERE = ["b", "ch", "d", "đ", "h", "kh", "l", "m", "n", "nh", "p", "ph", "r", "s", "t", "th", "tr", "v", "x"]
_ONSETS_FRONT = ["k", "gh", "ngh", "g"]  # "g" for gì, gìn, where i is onset and rime in one
_ONSETS_OTHER = ["c", "g", "ng"]
_ALL_ONSETS = frozenset((*_ONSETS_ANYWHERE, *_ONSETS_FRONT, *_ONSETS_OTHER, "q", "qu", "gi"))
_AFTER_K = "a an ang at ăn ăng on ong ông u um"  # names: Bắc Kạn, Kon Tum, Mê Kông

_TONES = {"": "", "sharp": "\u0301", "falling": "\u0300", "asking": "\u0309", "tumbling": "\u0303", "heavy": "\u0323"}
_TONE_MARKS = frozenset(mark for mark in _TONES.values() if mark)
_STOPS = ("p", "t", "c", "ch")
_VOWELS = "aăâeêioôơuưy"
_MARKED = "ăâêôơư"


@cache
def syllables() -> frozenset[str]:
    """All syllables in lower case, NFC, with both placements of the tone."""
    return frozenset(_spellings())


def canonical(word: str) -> str:
    """`word` in lower case with the tone where the older and more common placement puts it: hoà → hòa."""
    low = word.lower()
    return _spellings().get(low, low)


def is_syllable(word: str) -> bool:
    """Whether `word` is spelled as Vietnamese, written small, Capitalised or ALL CAPITALS."""
    return (word.islower() or word.istitle() or word.isupper()) and word.lower() in _spellings()


def is_bare_onset(word: str) -> bool:
    """Whether `word`, in lower case, is the beginning of a syllable without its vowels: "s", "th", "ngh"."""
    return word in _ALL_ONSETS


def consonants(word: str) -> str:
    """The letters of `word` in lower case that are no vowels."""
    return "".join(c for c in unmarked(word.lower()) if c not in "aeiouy")


def unmarked(text: str) -> str:
    """The letters of a text without the marks on them; đ stays."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def well_placed(word: str) -> str:
    """`word` with its tone on the vowel where spelling has it, when only that keeps it from being a syllable: "Hiêú" is Hiếu."""
    if word.isascii() or word.lower() in _spellings():
        return word
    parts = unicodedata.normalize("NFD", word)
    tones = [mark for mark in parts if mark in _TONE_MARKS]
    if len(tones) != 1:
        return word
    bare = unicodedata.normalize("NFC", parts.replace(tones[0], ""))
    moved = (unicodedata.normalize("NFC", bare[: at + 1] + tones[0] + bare[at + 1 :]) for at in range(len(bare)))
    return next((one for one in moved if is_syllable(one)), word)


@cache
def _spellings() -> dict[str, str]:
    """Spelling → its canonical spelling."""
    found: dict[str, str] = {}
    for onset, rime in sorted(_frames()):
        for placed in _toned(rime):
            for spelling in placed:
                found.setdefault(onset + spelling, onset + placed[0])
    return found


@cache
def _toned(rime: str) -> list[list[str]]:
    """For every tone that `rime` takes, the rime with it, the canonical placement first."""
    final = _final(rime)
    places = _places(rime[: len(rime) - len(final)], bool(final))
    tones = [tone for name, tone in _TONES.items() if not rime.endswith(_STOPS) or name in ("sharp", "heavy")]
    return [[unicodedata.normalize("NFC", rime[: at + 1] + tone + rime[at + 1 :]) for at in places] for tone in tones]


def _frames() -> set[tuple[str, str]]:
    frames = {("", rime) for rime in (*_FRONT_RIMES.split(), *_OTHER_RIMES.split(), *_BARE_RIMES.split())}
    frames |= {(onset, rime) for onset in (*_ONSETS_ANYWHERE, *_ONSETS_FRONT) for rime in _FRONT_RIMES.split()}
    frames |= {(onset, rime) for onset in (*_ONSETS_ANYWHERE, *_ONSETS_OTHER) for rime in _OTHER_RIMES.split()}
    frames |= {("k", rime) for rime in _AFTER_K.split()}
    frames |= {("qu", rime) for rime in _AFTER_QU.split()}
    frames |= {("gi", rime) for rime in (*_FRONT_RIMES.split(), *_OTHER_RIMES.split()) if not rime.startswith(("i", "y"))}
    return frames


def _final(rime: str) -> str:
    for at, letter in enumerate(rime):
        if letter not in _VOWELS:
            return rime[at:]
    return ""


def _places(vowels: str, closed: bool) -> list[int]:
    """Where the tone may stand in a rime's vowels: the canonical place first."""
    marked = [at for at, letter in enumerate(vowels) if letter in _MARKED]
    if marked:
        return [marked[-1]]
    if len(vowels) == 1:
        return [0]
    if len(vowels) == 3 or closed:
        return [1]
    return [0, 1] if vowels in ("oa", "oe", "uy") else [0]
