// The parameters of the statements that write: one array for each column, of all runs together.
import { float8Array, int4Array, int8Array, uuidArray } from '../../postgres/arrays.ts';
import { packHead } from '../codec/blockSummary.ts';
import { type Columns, type Statistics, statisticsOf } from '../codec/columns.ts';
import { packPlain, stepRange } from '../codec/packing.ts';
import type { RunWrite } from './columns.ts';
import { countIfNew, type LateSeries } from './latePoints.ts';

export type KeyRow = Statistics & { runId: string; keyId: number; points: Columns /** See latePoints.ts. */; known: number };

export function keyRows(writes: RunWrite[], lateOf: (runId: string) => LateSeries | undefined): KeyRow[] {
  return writes.flatMap(({ runId, sections }) => {
    const late = lateOf(runId);
    return sections.map(([keyId, points]) => ({
      runId,
      keyId,
      points,
      known: late ? countIfNew(late.get(keyId), points) : 0,
      ...statisticsOf(points),
    }));
  });
}

function pairs(writes: RunWrite[], name: 'tags' | 'params'): unknown[] {
  const runIds: string[] = [];
  const keyIds: number[] = [];
  const values: string[] = [];
  for (const write of writes) {
    for (const [index, keyId] of write[name].keyIds.entries()) {
      runIds.push(write.runId);
      keyIds.push(keyId);
      values.push(write[name].values[index]!);
    }
  }
  return runIds.length === 0 ? [] : [uuidArray(runIds), int4Array(keyIds), values];
}

/** What the statement without blocks is given. */
export type Given = { values: unknown[]; tags: boolean; params: boolean };

export function givenValues(teamId: number, writes: RunWrite[], keys: KeyRow[]): Given {
  const lastOf = ({ points }: KeyRow) => points.values.length - 1;
  const [tags, params] = [pairs(writes, 'tags'), pairs(writes, 'params')];
  const values = [
    teamId,
    uuidArray(writes.map((write) => write.runId)),
    uuidArray(keys.map((key) => key.runId)),
    int4Array(keys.map((key) => key.keyId)),
    float8Array(keys.map((key) => key.points.values[lastOf(key)]!)),
    int8Array(keys.map((key) => key.points.steps[lastOf(key)]!)),
    int8Array(keys.map((key) => key.points.timestamps[lastOf(key)]!)),
    float8Array(keys.map((key) => key.min)),
    float8Array(keys.map((key) => key.max)),
    float8Array(keys.map((key) => key.scaledSum)),
    int4Array(keys.map((key) => key.count)),
    int4Array(keys.map((key) => key.nanCount)),
    float8Array(keys.map((key) => key.points.values[0]!)),
    int8Array(keys.map((key) => key.points.steps[0]!)),
    int8Array(keys.map((key) => key.points.timestamps[0]!)),
    int4Array(keys.map((key) => key.known)),
    ...tags,
    ...params,
  ];
  return { values, tags: tags.length > 0, params: params.length > 0 };
}

export function blockValues(writes: RunWrite[]): unknown[] {
  const filled = writes.filter(({ sections }) => sections.length > 0);
  const packed = filled.map(({ sections }) => packPlain(sections));
  const heads = filled.map(({ sections }) => packHead(sections));
  let end = 1;
  const starts = packed.map(({ length }, index) => {
    const start = end;
    end += length + (heads[index]?.length ?? 0);
    return start;
  });
  const ranges = filled.map(({ sections }) => stepRange(sections));
  return [
    Buffer.concat(packed.flatMap((points, index) => (heads[index] ? [points, heads[index]] : [points]))),
    uuidArray(filled.map(({ runId }) => runId)),
    int4Array(filled.map(({ sections }) => sections.reduce((sum, [, points]) => sum + points.values.length, 0))),
    int8Array(ranges.map(([from]) => from)),
    int8Array(ranges.map(([, to]) => to)),
    int4Array(starts),
    int4Array(packed.map(({ length }) => length)),
    int4Array(heads.map((head) => head?.length ?? 0)),
  ];
}
