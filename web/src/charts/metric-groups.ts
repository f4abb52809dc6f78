// Metrics put together by the prefix of their names. Pure.

type Group = { name: string; metrics: string[] };

/** So few charts need no headings. */
export const FLAT = 8;

/** `train/loss` belongs to `train`; what has no prefix comes first, the system's own metrics last. A handful stands together. */
export function groupsOf(metrics: readonly string[]): Group[] {
  const own = metrics.filter((metric) => !metric.startsWith('system/'));
  const system = metrics.filter((metric) => metric.startsWith('system/'));
  if (own.length <= FLAT)
    return [{ name: '', metrics: own }, ...(system.length ? [{ name: 'system', metrics: system }] : [])].filter((one) => one.metrics.length > 0);
  const groups = new Map<string, string[]>();
  for (const metric of metrics) {
    const prefix = /^([^/]+)\/.+/.exec(metric)?.[1] ?? '';
    groups.set(prefix, [...(groups.get(prefix) ?? []), metric]);
  }
  const rank = (name: string) => (name === '' ? 0 : name === 'system' ? 2 : 1);
  return [...groups].map(([name, list]) => ({ name, metrics: list })).sort((a, b) => rank(a.name) - rank(b.name) || a.name.localeCompare(b.name));
}
