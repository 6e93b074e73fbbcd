/* global document, localStorage */
// Before the first paint: the person's theme, or the system's when none was chosen (src/ui/theme.ts).
try {
  const theme = localStorage.getItem('sealbook-theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Site data is blocked: the system's theme.
}
