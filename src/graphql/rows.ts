// What the SDL's types are made of: a domain row and the team that it was read in. So what hangs on the row is read in the same team.
import type { Role } from '../auth/policy.ts';
import type { Membership, TeamCtx, Viewer } from '../context.ts';
import type { Artifact as ArtifactRow } from '../domain/artifacts/files.ts';
import type { Protection as ProtectionRow } from '../domain/governance/protections.ts';
import type { PromotionRequest as PromotionRequestRow, Vote } from '../domain/governance/requests.ts';
import type { ModelChange as ModelChangeRow } from '../domain/live/models.ts';
import type { RunChange as RunChangeRow } from '../domain/live/runs.ts';
import type { AuditEntry as AuditEntryRow } from '../domain/people/audit.ts';
import type { Invitation as InvitationRow } from '../domain/people/invitations.ts';
import type { Member as MemberRow } from '../domain/people/teams.ts';
import type { ApiToken as ApiTokenRow } from '../domain/people/tokens.ts';
import type { User as UserRow } from '../domain/people/users.ts';
import type { ServerTeam as ServerTeamRow, ServerUser as ServerUserRow } from '../domain/people/wholeServer.ts';
import type { Code, Lineage as LineageRow } from '../domain/registry/lineage.ts';
import type { RegisteredModel as RegisteredModelRow } from '../domain/registry/models.ts';
import type { Promotion as PromotionRow } from '../domain/registry/promotions.ts';
import type { ModelVersion as ModelVersionRow } from '../domain/registry/versions.ts';
import type { RunInputs as RunInputsRow } from '../domain/tracking/datasets.ts';
import type { Experiment as ExperimentRow } from '../domain/tracking/experiments.ts';
import type { LoggedModel as LoggedModelRow } from '../domain/tracking/loggedModels.ts';
import type { RunMetric } from '../domain/tracking/runData.ts';
import type { MeasureInput, Measurement, RunGroup as RunGroupRow } from '../domain/tracking/runGroups.ts';
import type { FoundKey, KeyCount } from '../domain/tracking/runKeys.ts';
import type { Run as RunRow } from '../domain/tracking/runs.ts';
import type { RunTable as RunTableRow, TableColumn as TableColumnRow } from '../domain/tracking/runTable.ts';
import type { TimeBucket as TimeBucketRow } from '../domain/tracking/runTimes.ts';
import type { SavedView as SavedViewRow } from '../domain/tracking/savedViews.ts';
import type { WebhookDelivery as WebhookDeliveryRow, Webhook as WebhookRow } from '../domain/webhooks/webhooks.ts';
import type { Followed } from '../live/journal.ts';
import type { CountedPage } from './connections.ts';

/** A row of a team. `team` also carries the request's Ctx. */
export type Of<Row> = Row & { team: TeamCtx };

export const ofTeam = <Row extends object>(team: TeamCtx, row: Row): Of<Row> => ({ ...row, team });

export type { Viewer };
export type Team = Membership;
export type Member = Of<MemberRow>;
export type MemberPage = CountedPage<Member>;
export type User = Pick<UserRow, 'userId' | 'email' | 'name' | 'kind'>;
/** As it is listed, or as the user that runs and tokens name. */
export type ServiceAccount = Pick<UserRow, 'userId' | 'name' | 'createdAt' | 'disabledAt' | 'teamId'> & { role?: Role };
export type Invitation = Of<InvitationRow>;
export type Webhook = Of<WebhookRow>;
export type SavedView = Of<SavedViewRow>;
export type WebhookDelivery = WebhookDeliveryRow;
export type AuditEntry = AuditEntryRow;
export type RunChange = Of<Followed<RunChangeRow>>;
export type ModelChange = Of<Followed<ModelChangeRow>>;
export type ApiToken = ApiTokenRow;
export type ServerUserPage = CountedPage<ServerUserRow & { isServerAdmin: boolean }>;
export type ServerTeamPage = CountedPage<ServerTeamRow>;

export type Experiment = Of<ExperimentRow>;
export type ExperimentPage = CountedPage<Experiment>;
export type Run = Of<RunRow>;
export type RunPage = CountedPage<Run>;
export type RunTable = RunTableRow & { count: () => Promise<number> };
export type TableColumn = TableColumnRow;
/** Counts of all keys of a list are read together, when the first is asked for. */
export type KeySummary = FoundKey & { count: () => Promise<KeyCount | undefined> };
export type MeasureResult = Measurement & MeasureInput & { team: TeamCtx };
export type RunGroup = Omit<RunGroupRow, 'measures'> & { measures: MeasureResult[] };
export type RunGroupPage = CountedPage<RunGroup>;
export type TimeBucket = Omit<TimeBucketRow, 'measures'> & { measures: MeasureResult[] };
export type UserCounts = TimeBucketRow['users'][number];
export type RunComparison = { team: TeamCtx; runs: RunRow[] };
export type TeamUsage = TeamCtx;
export type Metric = RunMetric;
export type RunInputs = Of<RunInputsRow>;
export type RunSource = Code;
export type Artifact = Of<ArtifactRow> & { home: Home };
/** The root of somebody's artifacts. */
export type Home = { uri: string; path: string };

export type LoggedModel = Of<LoggedModelRow>;
export type LoggedModelPage = CountedPage<LoggedModel>;
export type Environment = { team: TeamCtx; modelId: string };
export type RegisteredModel = Of<RegisteredModelRow>;
export type RegisteredModelPage = CountedPage<RegisteredModel>;
/** A move of an alias. `name`: the model's. */
export type AliasChange = Of<PromotionRow & { alias: string; name: string }>;
export type Promotion = Of<PromotionRow>;
export type Protection = Of<ProtectionRow>;
export type PromotionRequest = Of<PromotionRequestRow>;
export type PromotionVote = Vote;
export type ModelVersion = Of<ModelVersionRow>;
export type ModelVersionPage = CountedPage<ModelVersion>;
export type Lineage = Of<LineageRow>;
