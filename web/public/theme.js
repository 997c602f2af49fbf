// Before anything is drawn, so that what is dark does not begin in white, nor in another colour.
try {
  const { dataset } = document.documentElement;
  const theme = localStorage.getItem(`chit${dataset.prefix ?? ''}.theme`);
  if (theme === 'light' || theme === 'dark') dataset.theme = theme;
} catch {}
try {
  const { dataset, style } = document.documentElement;
  const { colors } = JSON.parse(dataset.site ?? '{}');
  for (const theme of colors ? ['light', 'dark'] : []) {
    dataset.ownAccent = '';
    for (const [index, role] of ['accent', 'ground', 'edge'].entries()) {
      style.setProperty(`--own-${role}-${theme}`, colors[theme][index]);
    }
  }
} catch {}
