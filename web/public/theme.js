// Before anything is drawn, so that what is dark does not begin in white.
try {
  const { dataset } = document.documentElement;
  const theme = localStorage.getItem(`chit${dataset.prefix ?? ''}.theme`);
  if (theme === 'light' || theme === 'dark') dataset.theme = theme;
} catch {}
