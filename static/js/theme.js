// Loaded before the first paint, so that the page never shows the other sheet first.
// Django's admin keeps its choice under the same key: one choice serves both.
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the sheet follows the device.
}
