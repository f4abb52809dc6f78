// The engine's own work behind the requests: packing what was logged, and keeping texts of quiet runs.
export { type CompactionOptions, startCompaction } from './compact/compaction.ts';
export { startSummaries } from './summaries/building.ts';
export { writingShare } from './write/groupCommit.ts';
