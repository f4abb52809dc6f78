// Who moved aliases and stages, when and why: of a model, or of one of its versions.
import { useInfiniteQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { PromotionsDocument, type PromotionsQuery } from '../api/documents.gen.ts';
import { nextCursor } from '../api/pages.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { MoveGround } from '../governance/move-ground.tsx';
import { to } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import { Loaded } from '../ui/feedback/states.tsx';
import flagCss from '../ui/flag.module.css';
import { Icon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import panelCss from '../ui/panel.module.css';
import { Panel, PanelEmpty } from '../ui/panel.tsx';
import { Ago } from '../ui/tables/values.tsx';
import css from './history.module.css';
import { stageName } from './stages.ts';

type Move = NonNullable<NonNullable<PromotionsQuery['team']>['registeredModel']>['promotions']['nodes'][number];

export function History({ name, version }: { name: string; version?: number }) {
  const team = useTeam();
  const moves = useInfiniteQuery({
    queryKey: queryKeys.promotions(team.slug, name, version ?? null),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const found = (await ask(PromotionsDocument, { team: team.slug, name, version: version ?? null, first: 20, after: pageParam }, signal)).team;
      return found?.registeredModel?.promotions ?? { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };
    },
    getNextPageParam: nextCursor,
  });
  return (
    <Panel title="History" note="who moved what">
      <Loaded of={moves} rows={3}>
        {({ pages }) => {
          const nodes = pages.flatMap((page) => page.nodes);
          if (nodes.length === 0) return <PanelEmpty>No alias or stage was moved yet.</PanelEmpty>;
          return (
            <ol className={clsx(panelCss.lines, css.history)}>
              {nodes.map((move, at) => (
                <li key={at}>
                  <p>
                    <What move={move} name={name} />
                  </p>
                  {move.comment && <p className={css.historyComment}>{move.comment}</p>}
                  <p className="dim small">
                    {move.changedBy?.name ?? 'somebody who is gone'}, <Ago when={move.changedAt} />
                  </p>
                  <MoveGround move={move} />
                </li>
              ))}
            </ol>
          );
        }}
      </Loaded>
      {moves.hasNextPage && (
        <div className={panelCss.text}>
          <LoadMore of={moves} label="Older" size="compact-xs" />
        </div>
      )}
    </Panel>
  );
}

function What({ move, name }: { move: Move; name: string }) {
  const team = useTeam();
  const link = (version: number) => (
    <a className="mono" href={to('t', team.slug, 'models', name, 'versions', version)}>
      v{version}
    </a>
  );
  if (move.alias === null) {
    return (
      <>
        {move.version !== null && link(move.version)} <span className={flagCss.flag}>{stageName(move.previousStage ?? 'NONE')}</span>{' '}
        <Icon name="right" size={11} />{' '}
        <span className={flagCss.flag} data-stage={(move.stage ?? 'NONE').toLowerCase()}>
          {stageName(move.stage ?? 'NONE')}
        </span>
      </>
    );
  }
  return (
    <>
      <span className={clsx(flagCss.flag, flagCss.accent)}>@{move.alias}</span>{' '}
      {move.version === null ? (
        <>taken off {move.previousVersion !== null && link(move.previousVersion)}</>
      ) : (
        <>
          {move.previousVersion !== null && (
            <>
              {link(move.previousVersion)} <Icon name="right" size={11} />{' '}
            </>
          )}
          {link(move.version)}
        </>
      )}
    </>
  );
}
