// Sets light or dark before the first paint. A file of its own, since the content security policy allows no inline scripts.
(() => {
  const kept = localStorage.getItem('runledger.theme') ?? 'auto';
  const dark = kept === 'dark' || (kept === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
