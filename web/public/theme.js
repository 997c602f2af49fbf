// Before anything is drawn, so that what is dark does not begin in white.
try {
  const theme = localStorage.getItem('chit.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {}
