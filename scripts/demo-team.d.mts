// The types of demo-team.mjs, for the tests.
import type { DemoApi } from './demo.mjs';

export type Running = { api: DemoApi; runId: string; steps: number };
export function seedTeam(at: { url: string; token: string; team?: string; now?: number; tell?: (what: string) => void }): Promise<Running>;
export function goOn(running: Running, signal: AbortSignal): Promise<void>;
