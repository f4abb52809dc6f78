// The asked version beside the one that is there: values and curves of their runs, data, signature, environment.
import { useMemo } from 'react';
import { useFullRuns } from '../../api/runs.ts';
import { Curves } from '../../compare/curves.tsx';
import { Differences } from '../../compare/differences.tsx';
import type { Grouping } from '../../compare/groups.ts';
import { RUN_COLOURS } from '../../format.ts';
import { useParam } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import { Empty, Loaded } from '../../ui/feedback/states.tsx';
import { Panel, PanelEmpty } from '../../ui/panel.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { type FullRequest, targetName } from '../words.ts';
import { ComparedData } from './compared-data.tsx';
import css from './compared-versions.module.css';

type Version = NonNullable<FullRequest['modelVersion']>;

const TABS = [
  ['values', 'Params and metrics'],
  ['curves', 'Curves'],
  ['data', 'Data, signature, environment'],
] as const;

export function ComparedVersions({ request }: { request: FullRequest }) {
  const { modelVersion, presentHolder, holderVersion, state } = request;
  const [tab, setTab] = useParam('tab', 'values');
  // Once it is closed, the alias may have gone anywhere: what was there when it was asked for stays comparable.
  const other = state === 'OPEN' ? presentHolder : holderVersion;
  if (request.version === null) return <Empty title={`${targetName(request)} would be taken off`} />;
  if (!modelVersion) return <Empty title={`v${request.version} is gone`} />;
  const against = !other || other.id === modelVersion.id ? null : other;
  return (
    <Panel title={`v${modelVersion.version} ${against ? `beside v${against.version}` : ''}`} label="Differences" note={noteOf(request, against)}>
      <div className={css.tabs}>
        <Tabs label="Of this difference" current={tab} choose={setTab} tabs={TABS.map(([name, label]) => ({ name, label }))} />
      </div>
      {tab === 'data' ? <ComparedData asked={modelVersion} other={against} /> : <OfRuns tab={tab} asked={modelVersion} other={against} />}
    </Panel>
  );
}

function noteOf(request: FullRequest, against: Version | null): string {
  const { state, holder } = request;
  if (!against) return `nothing else is ${targetName(request)}`;
  if (state !== 'OPEN') return `which was ${targetName(request)} when it was asked for`;
  return against.version === holder
    ? `which is ${targetName(request)}`
    : `which is ${targetName(request)} since; it was ${holder === null ? 'nowhere' : `v${holder}`}`;
}

function OfRuns({ tab, asked, other }: { tab: string; asked: Version; other: Version | null }) {
  const team = useTeam();
  const versions = [other, asked].filter((one) => one !== null);
  const idText = [...new Set(versions.flatMap(({ run }) => run?.runId ?? []))].join(',');
  const ids = useMemo(() => idText.split(',').filter(Boolean), [idText]);
  const runs = useFullRuns(team.slug, ids);
  const names = JSON.stringify(versions.flatMap(({ run, version }) => (run ? [[run.runId, `v${version} · ${run.name}`]] : [])));
  const rows = useMemo(() => {
    const named = new Map(JSON.parse(names) as [string, string][]);
    return runs.data?.map((row) => ({ ...row, name: named.get(row.runId) ?? row.name }));
  }, [runs.data, names]);
  const own = asked.run?.runId;
  // By their part here.
  const grouping = useMemo<Grouping>(
    () => ({ by: '', groups: [], colour: ({ runId }) => RUN_COLOURS[runId === own ? 0 : 1], dash: () => null, valueOf: () => '' }),
    [own],
  );
  const without = versions.filter(({ run }) => !run).map(({ version }) => `v${version}`);
  if (ids.length === 0) return <PanelEmpty>{without.join(' and ')} name no run: there are no values to compare.</PanelEmpty>;
  return (
    <Loaded of={{ ...runs, data: rows }}>
      {(found) => (
        <>
          {without.length > 0 && <PanelEmpty>{without.join(' and ')} names no run.</PanelEmpty>}
          {other && ids.length === 1 && without.length === 0 && <PanelEmpty>Both versions are of the same run.</PanelEmpty>}
          {tab === 'curves' ? <Curves rows={found} grouping={grouping} /> : <Differences rows={found} grouping={grouping} />}
        </>
      )}
    </Loaded>
  );
}
