"""Teaches the recogniser Vietnamese office print: makes `ocr/words/data/letters.onnx`, the network behind the default reader.

The network of the trueocr package (Apache-2.0) is the start. It gets eleven more characters, a branch of two small convolutions that
sees strokes finer than its own stem of 32 x 4 pixels, and is then trained on lines drawn here: law texts, syllables at random, names,
units, numbers and codes, in every face with Vietnamese letters that the machine has, old-style figures among them, under seals, beside
rules, in boxes, on leaders. Each page goes through the product's own preparation and line detector, so that what is learnt from is
what is read later.
"""
