// A curve's columns, and how points that arrive one by one are put among them. Pure.
export type XKind = 'step' | 'time' | 'relative';
export type Zoom = { from: number; to: number } | null;
/** Columns of one curve, in the order of x; of equal x in the order of the other column, then of the value. No point stands twice. */
export type Curve = { steps: number[]; times: number[]; values: number[] };
/** By run id, of one metric. */
export type Curves = Map<string, Curve>;
export type CurveAsk = { team: string; runIds: string[]; x: XKind; zoom: Zoom; points: number };
export type CurvePoint = { step: number; time: number; value: number };
export type LivePoint = CurvePoint & { runId: string; key: string };

/** As the server orders values: NaN last, and equal to itself. */
const compareValues = (a: number, b: number): number =>
  Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : a - b || 0;

const comparePoints = (byStep: boolean) => (a: CurvePoint, b: CurvePoint) => {
  const [steps, times] = [a.step - b.step, a.time - b.time];
  return (byStep ? steps || times : times || steps) || (a.value === b.value ? 0 : compareValues(a.value, b.value));
};

const pointAt = ({ steps, times, values }: Curve, at: number): CurvePoint => ({ step: steps[at]!, time: times[at]!, value: values[at]! });

/** The curve with more points, whatever order they come in: late ones, another value of a step, and those that are held already. */
export function mergePoints(curve: Curve | undefined, more: readonly CurvePoint[], x: XKind, zoom: Zoom = null): Curve {
  const compare = comparePoints(x === 'step');
  const xOf = ({ step, time }: CurvePoint) => (x === 'step' ? step : time);
  const fresh = more.filter((point) => !zoom || (xOf(point) >= zoom.from && xOf(point) <= zoom.to)).sort(compare);
  const before = Array.from({ length: curve?.values.length ?? 0 }, (_, at) => pointAt(curve!, at));
  if (before.some((point, at) => at > 0 && compare(before[at - 1]!, point) > 0)) before.sort(compare);
  const next: Curve = { steps: [], times: [], values: [] };
  let last: CurvePoint | undefined;
  const push = (point: CurvePoint) => {
    if (last && compare(last, point) === 0) return;
    last = point;
    next.steps.push(point.step);
    next.times.push(point.time);
    next.values.push(point.value);
  };
  let at = 0;
  for (const point of fresh) {
    for (; at < before.length && compare(before[at]!, point) <= 0; at += 1) push(before[at]!);
    push(point);
  }
  for (; at < before.length; at += 1) push(before[at]!);
  return next;
}

/** The curves with points that were told, where these belong to them. */
export function withPoints(curves: Curves, metric: string, asked: CurveAsk, points: readonly LivePoint[]): Curves {
  const wanted = new Set(asked.runIds);
  const byRun = new Map<string, LivePoint[]>();
  for (const point of points) {
    if (point.key !== metric || !wanted.has(point.runId)) continue;
    const ofRun = byRun.get(point.runId);
    if (ofRun) ofRun.push(point);
    else byRun.set(point.runId, [point]);
  }
  if (byRun.size === 0) return curves;
  const next = new Map(curves);
  for (const [runId, ofRun] of byRun) next.set(runId, mergePoints(next.get(runId), ofRun, asked.x, asked.zoom));
  return next;
}
