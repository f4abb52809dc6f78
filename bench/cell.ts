// What is measured: a value with its unit, and percentiles of many.
import type { Cpu } from './cpu.ts';

/** /s: more is better. Of the others less is. */
export type Unit = 'ms' | 's' | 'MB' | '/s' | 'B' | '×';

export type Cell = {
  value: number;
  p99?: number;
  /** Requests answered with an error, or not at all. */
  errors?: number;
  /** Why the answer was not the right one. */
  wrong?: string;
  /** Of one request. */
  cpu?: Cpu;
};

export function percentile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
