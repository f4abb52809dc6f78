// Under which key each answer of the server is kept. A key is a path: what invalidates `queryKeys.runs(team)` invalidates everything that begins so.

/** Everything that hangs on the runs of a team, of a run, of the models of a team … */
const roots = {
  runs: (team: string) => ['runs', team] as const,
  run: (runId: string) => ['run', runId] as const,
  experiments: (team: string) => ['experiments', team] as const,
  models: (team: string) => ['models', team] as const,
  series: (team: string) => ['series', team] as const,
  artifacts: (ownerId: string) => ['artifacts', ownerId] as const,
  tokens: () => ['tokens'] as const,
  server: () => ['server'] as const,
  savedViews: (team: string) => ['views', team] as const,
};

export const queryKeys = {
  ...roots,
  runTable: (team: string, asked: object, columns: string[]) => [...roots.runs(team), asked, columns] as const,
  pointCounts: (team: string, runIds: string[], metrics: readonly string[]) => [...roots.runs(team), 'counts', runIds, metrics] as const,
  runValues: (team: string, asked: object, columns: readonly string[], total: number | null) =>
    [...roots.runs(team), 'set-against', asked, columns, total] as const,
  runsTicked: (team: string, ...asked: unknown[]) => [...roots.runs(team), 'ticked', ...asked] as const,
  groupMembers: (team: string, ...asked: unknown[]) => [...roots.runs(team), 'members', ...asked] as const,
  modelsOfRun: (runId: string) => [...roots.run(runId), 'models'] as const,
  runsById: (team: string, ids: string[]) => [...roots.runs(team), 'byId', ids] as const,
  runKeys: (team: string, experimentIds: string[] | null, search = '') => [...roots.runs(team), 'keys', experimentIds, search] as const,
  runGroups: (team: string, asked: object) => [...roots.runs(team), 'groups', asked] as const,
  keyValues: (team: string, experimentIds: string[] | null, by: string | null, part: string) =>
    [...roots.runs(team), 'values', experimentIds, by, part] as const,
  conditions: (team: string, experimentIds: string[] | null, filter: string) => [...roots.runs(team), 'conditions', experimentIds, filter] as const,
  runCount: (team: string, experimentId: string) => [...roots.runs(team), 'count', experimentId] as const,
  nestedCounts: (team: string, runIds: string[]) => [...roots.runs(team), 'nested', runIds] as const,
  anyRun: (team: string) => ['any-run', team] as const,
  nestedRuns: (runId: string) => [...roots.run(runId), 'children'] as const,
  nestedBelow: (runId: string) => [...roots.run(runId), 'children', 'below'] as const,

  experiment: (team: string, experimentId: string | undefined) => [...roots.experiments(team), 'one', experimentId] as const,
  experimentNames: (team: string) => [...roots.experiments(team), 'names'] as const,
  experimentsLike: (team: string, search: string) => [...roots.experiments(team), 'like', search] as const,
  experimentsById: (team: string, ids: string) => [...roots.experiments(team), 'byId', ids] as const,
  experimentList: (team: string, search: string, deleted: boolean) => [...roots.experiments(team), 'list', search, deleted] as const,
  savedViewsOf: (team: string, experimentId: string | null) => [...roots.savedViews(team), experimentId] as const,

  /** The last part is read back by what appends live points. */
  metricSeries: (team: string, metric: string) => [...roots.series(team), metric] as const,
  curves: <T extends object>(team: string, metric: string, asked: T) => [...roots.series(team), metric, asked] as const,

  modelList: (team: string, search: string) => [...roots.models(team), 'list', search] as const,
  modelNames: (team: string, search: string) => [...roots.models(team), 'names', search] as const,
  model: (team: string, name: string) => [...roots.models(team), 'one', name] as const,
  modelVersion: (team: string, name: string, version: number) => [...roots.models(team), 'version', name, version] as const,
  promotions: (team: string, name: string, version: number | null) => [...roots.models(team), 'promotions', name, version] as const,
  modelGovernance: (team: string, name: string) => [...roots.models(team), 'governance', name] as const,
  promotionPreview: (team: string, name: string, version: number, target: object) =>
    [...roots.models(team), 'preview', name, version, target] as const,
  aliasBefore: (team: string, name: string, alias: string) => [...roots.models(team), 'alias-before', name, alias] as const,
  promotionRequest: (team: string, requestId: string) => [...roots.models(team), 'request', requestId] as const,
  promotionRequests: (team: string, state: string | null) => [...roots.models(team), 'requests', state] as const,
  requestsToDecide: (team: string) => [...roots.models(team), 'to-decide'] as const,
  countToDecide: (team: string) => [...roots.models(team), 'to-decide', 'count'] as const,
  protections: (team: string) => [...roots.models(team), 'protections'] as const,
  loggedModel: (modelId: string) => ['logged-model', modelId] as const,

  folder: (ownerId: string, path: string) => [...roots.artifacts(ownerId), 'folder', path] as const,
  artifact: (ownerId: string, path: string) => [...roots.artifacts(ownerId), 'one', path] as const,
  foldersOfRuns: (team: string, runIds: string[], path: string) => ['artifacts-of-runs', team, runIds, path] as const,
  file: (url: string, part: 'whole' | 'beginning' | 'end') => ['file', part, url] as const,
  parquet: (url: string, size: number) => ['parquet', url, size] as const,
  fileDifference: (before: string, after: string) => ['diff', before, after] as const,

  serverUsers: (search: string) => [...roots.server(), 'users', search] as const,
  serverTeams: () => [...roots.server(), 'teams'] as const,
  teamRemoval: (team: string) => ['team-removal', team] as const,
  members: (team: string) => ['members', team] as const,
  membersLike: (team: string, search: string) => ['members', team, search] as const,
  invitations: (team: string) => ['invitations', team] as const,
  serviceAccounts: (team: string) => ['service-accounts', team] as const,
  teamTokens: (team: string) => [...roots.tokens(), 'team', team] as const,
  myTokens: () => [...roots.tokens(), 'mine'] as const,
  sessions: () => ['sessions'] as const,
  webhooks: (team: string) => ['webhooks', team] as const,
  auditLog: (team: string, actions: string, actor: string, span: string) => ['audit', team, actions, actor, span] as const,
  auditActors: (team: string, search: string) => ['audit-actors', team, search] as const,
  usage: (team: string) => ['usage', team] as const,
  reportingRole: (team: string) => ['reporting', team] as const,
  about: () => ['about'] as const,

  foundPeople: (team: string | undefined, search: string) => ['palette', team, 'people', search] as const,
  found: (team: string | undefined, search: string) => ['palette', team, 'found', search] as const,
};
