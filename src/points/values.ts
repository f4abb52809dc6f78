// What runs have logged up to now: params, tags, latest metrics; of quiet runs all of it as one text.
export { type Choice, type KeyValue, metricsByRuns, paramsAndTagsByRuns, paramsByRuns, type RunMetric, tagsByRuns } from './read/latestValues.ts';
export { keptValues, type RunSummary, summariesOfRuns, touchedRuns } from './summaries/summaries.ts';
