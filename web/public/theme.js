// Before anything is drawn, so that what is dark does not begin in white, nor in another colour.
try {
  const { dataset } = document.documentElement;
  const theme = localStorage.getItem(`chit${dataset.prefix ?? ''}.theme`);
  if (theme === 'light' || theme === 'dark') dataset.theme = theme;
} catch {}
try {
  const { dataset, style } = document.documentElement;
  const { colors } = JSON.parse(dataset.site ?? '{}');
  const { light, dark } = colors ?? { light: [], dark: [] };
  // Where much contrast is asked for, the edge is of ink.
  const isPlain = !matchMedia('(prefers-contrast: more)').matches;
  for (const [index, role] of ['accent', 'accent-ground', 'ticket-edge'].entries()) {
    if (!light[index] || (role === 'ticket-edge' && !isPlain)) continue;
    style.setProperty(`--${role}`, `light-dark(${light[index]}, ${dark[index]})`);
  }
} catch {}
