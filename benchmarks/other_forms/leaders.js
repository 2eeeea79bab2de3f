// Leaders take what is left of their line, which is not known before the page is laid out; answers beside each other keep their widths.
for (const row of document.querySelectorAll('.row')) {
  const lines = [...row.querySelectorAll(':scope > .l')], widths = lines.map(l => l.getBoundingClientRect().width);
  lines.forEach((l, n) => { l.style.flex = '0 0 ' + (widths[n] - 0.5) + 'px'; });
}
for (const f of document.querySelectorAll('.fill')) {
  const line = f.closest('.l').getBoundingClientRect(), next = f.nextElementSibling;
  const room = line.right - f.getBoundingClientRect().left - (next ? next.getBoundingClientRect().width + 3 : 0) - 2;
  f.style.width = (room > 10 ? room : 0) + 'px';
}
