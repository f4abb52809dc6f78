// One request: what goes where and why, what it takes, who said what, and how the asked version differs from the one that is there.
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { useEffect } from 'react';
import { PromotionRequestDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { to } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import { Empty, Loaded } from '../../ui/feedback/states.tsx';
import flagCss from '../../ui/flag.module.css';
import pageCss from '../../ui/page.module.css';
import panelCss from '../../ui/panel.module.css';
import { Panel } from '../../ui/panel.tsx';
import { Ago } from '../../ui/tables/values.tsx';
import { Conditions } from '../conditions.tsx';
import { Lock } from '../target-flag.tsx';
import { actorName, type FullRequest, STATE_NAMES, targetName } from '../words.ts';
import { ComparedVersions } from './compared-versions.tsx';
import { Decision } from './decision.tsx';
import { WhereTo } from './request-lines.tsx';
import css from './request-room.module.css';

export function RequestRoom({ requestId }: { requestId: string }) {
  const team = useTeam();
  const request = useQuery({
    queryKey: queryKeys.promotionRequest(team.slug, requestId),
    queryFn: async ({ signal }) => (await ask(PromotionRequestDocument, { team: team.slug, requestId }, signal)).team?.promotionRequest ?? null,
  });
  const title = request.data ? `${request.data.registeredModel.name} ${targetName(request.data)}` : 'Request';
  useEffect(() => {
    document.title = `${title} · Runledger`;
  }, [title]);
  return (
    <div className={pageCss.page}>
      <Loaded of={request}>{(found) => (found ? <Body request={found} /> : <Empty title="No such request" />)}</Loaded>
    </div>
  );
}

function Body({ request }: { request: FullRequest }) {
  const team = useTeam();
  const { name } = request.registeredModel;
  const { state, conditions, closedAt } = request;
  return (
    <>
      <p className={pageCss.crumbs}>
        <a href={to('t', team.slug, 'models')}>Models</a> / <a href={to('t', team.slug, 'models', name)}>{name}</a> /{' '}
        <a href={to('t', team.slug, 'requests')}>Requests</a>
      </p>
      <div className={pageCss.bar}>
        <h1>{name}</h1>
        <WhereTo request={request} />
        <Lock name={name} target={request} />
        <span className={clsx(flagCss.flag, state === 'OPEN' && flagCss.accent, state === 'REJECTED' && flagCss.bad)}>{STATE_NAMES[state]}</span>
        <span className="dim">
          asked for by {actorName(request.requestedBy)}, <Ago when={request.requestedAt} />
          {closedAt && (
            <>
              {' · '}
              {STATE_NAMES[state].toLowerCase()} by {actorName(request.closedBy)}, <Ago when={closedAt} />
            </>
          )}
        </span>
      </div>
      {request.comment && <p className={css.comment}>{request.comment}</p>}
      <div className={css.columns}>
        <div className={clsx(pageCss.column, css.aside)}>
          {conditions.length > 0 && (
            <Panel title="Conditions" note={state === 'OPEN' ? 'as they are now' : 'as they were then'}>
              <div className={panelCss.text}>
                <Conditions conditions={conditions} />
              </div>
            </Panel>
          )}
          <Decision request={request} />
        </div>
        <div className={pageCss.column}>
          <ComparedVersions request={request} />
        </div>
      </div>
    </>
  );
}
