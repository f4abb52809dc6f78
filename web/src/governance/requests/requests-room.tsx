// The requests of a team: those that wait for oneself, those that are open, all of them.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { PromotionRequestsDocument, RequestsToDecideDocument } from '../../api/documents.gen.ts';
import { nextCursor } from '../../api/pages.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { to, useParam, withQuery } from '../../router.ts';
import { useCan, useTeam } from '../../shell/team.ts';
import { Loaded } from '../../ui/feedback/states.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import pageCss from '../../ui/page.module.css';
import { Panel, PanelEmpty } from '../../ui/panel.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { RequestLines } from './request-lines.tsx';

const TABS = [
  ['waiting', 'Waiting for you'],
  ['open', 'Open'],
  ['all', 'All'],
] as const;

export function RequestsRoom() {
  const team = useTeam();
  const mayDecide = useCan('promotion:decide');
  const own = mayDecide ? 'waiting' : 'open';
  const [tab] = useParam('tab', own);
  useEffect(() => {
    document.title = 'Requests · Runledger';
  }, []);
  const here = to('t', team.slug, 'requests');
  return (
    <div className={pageCss.page}>
      <p className={pageCss.crumbs}>
        <a href={to('t', team.slug, 'models')}>Models</a>
      </p>
      <div className={pageCss.bar}>
        <h1>Requests</h1>
        <span className="dim">to move protected aliases and stages</span>
      </div>
      <Tabs
        label="Of this team's requests"
        current={tab}
        tabs={TABS.filter(([name]) => mayDecide || name !== 'waiting').map(([name, label]) => ({
          name,
          label,
          href: withQuery(here, { tab: name === own ? null : name }),
        }))}
      />
      {tab === 'waiting' ? <Waiting /> : <Listed key={tab} state={tab === 'all' ? null : 'OPEN'} />}
    </div>
  );
}

function Waiting() {
  const team = useTeam();
  const waiting = useQuery({
    queryKey: queryKeys.requestsToDecide(team.slug),
    queryFn: async ({ signal }) => (await ask(RequestsToDecideDocument, { team: team.slug }, signal)).team?.promotionRequestsToDecide ?? [],
  });
  return (
    <Panel title="Waiting for you">
      <Loaded of={waiting} rows={3}>
        {(requests) =>
          requests.length === 0 ? (
            <PanelEmpty>Nothing waits for you. What you asked for, and versions that you made, wait for others.</PanelEmpty>
          ) : (
            <RequestLines label="Waiting for you" requests={requests} withModel />
          )
        }
      </Loaded>
    </Panel>
  );
}

function Listed({ state }: { state: 'OPEN' | null }) {
  const team = useTeam();
  const requests = useInfiniteQuery({
    queryKey: queryKeys.promotionRequests(team.slug, state),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) =>
      (await ask(PromotionRequestsDocument, { team: team.slug, state, after: pageParam }, signal)).team!.promotionRequests,
    getNextPageParam: nextCursor,
  });
  const title = state === null ? 'All' : 'Open';
  return (
    <Panel title={title}>
      <Loaded of={requests} rows={5}>
        {({ pages }) => {
          const nodes = pages.flatMap((page) => page.nodes);
          if (nodes.length === 0)
            return <PanelEmpty>None. Somebody asks on a version’s page, where its alias or stage is protected; Team has the protections.</PanelEmpty>;
          return <RequestLines label={title} requests={nodes} withModel />;
        }}
      </Loaded>
      <LoadMore of={requests} />
    </Panel>
  );
}
