// A classic script, run before the first paint: a module would come too late and flash the other theme.
(() => {
  const root = document.documentElement;
  root.dataset.scripts = "";
  try {
    const chosen = localStorage.getItem("beatsync:theme");
    if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  } catch {
    // No storage: the system's theme it is.
  }
})();
