// The metric engine: what runs log goes in here, and is read, sampled and followed from here. README.md has the picture.
export {
  type Curve,
  type NewPoint,
  type NewPoints,
  now,
  readHistory,
  readHistoryOfRuns,
  readNew,
  type SampleMethod,
  type SampleRequest,
  sample,
} from './read/byKey.ts';
export { type CommonSteps, sampleCommonSteps } from './read/commonSteps.ts';
export type { PlacedPoint } from './read/curves.ts';
export type { Point, RunPoint } from './read/history.ts';
export { deleteTag, type Entry, type Logged, type LoggedPoint, log } from './write/log.ts';
