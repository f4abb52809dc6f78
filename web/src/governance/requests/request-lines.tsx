// Requests as lines: what goes where, who asked and why, and how far it is.
import clsx from 'clsx';
import type { RequestRowFragment } from '../../api/documents.gen.ts';
import { to } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import flagCss from '../../ui/flag.module.css';
import { Icon } from '../../ui/icons.tsx';
import { Ago } from '../../ui/tables/values.tsx';
import { TargetFlag } from '../target-flag.tsx';
import { actorName, approvedBy, STATE_NAMES } from '../words.ts';
import css from './request-lines.module.css';

type Props = { label: string; requests: RequestRowFragment[]; withModel?: boolean };

export function RequestLines({ label, requests, withModel = false }: Props) {
  const team = useTeam();
  return (
    <ul className={css.lines} aria-label={label}>
      {requests.map((request) => (
        <li key={request.id}>
          <a className={css.what} href={to('t', team.slug, 'requests', request.requestId)}>
            {withModel && <strong>{request.registeredModel.name}</strong>}
            <WhereTo request={request} />
          </a>
          {request.comment && <span className={css.comment}>{request.comment.split('\n')[0]}</span>}
          <span className="dim small">
            {actorName(request.requestedBy)}, <Ago when={request.requestedAt} />
          </span>
          <span className="grow" />
          <Progress request={request} />
        </li>
      ))}
    </ul>
  );
}

/** `@champion v2 → v3` */
export function WhereTo({ request }: { request: Pick<RequestRowFragment, 'alias' | 'stage' | 'version' | 'holder'> }) {
  const { holder, version } = request;
  return (
    <span className={css.where}>
      <TargetFlag target={request} />
      <span className="mono">
        {holder === null ? (version === null ? '' : `v${version}`) : `v${holder}`}
        {holder !== null && (
          <>
            {' '}
            <Icon name="right" size={11} /> {version === null ? 'none' : `v${version}`}
          </>
        )}
      </span>
    </span>
  );
}

function Progress({ request }: { request: RequestRowFragment }) {
  if (request.state !== 'OPEN')
    return <span className={clsx(flagCss.flag, request.state === 'REJECTED' && flagCss.bad)}>{STATE_NAMES[request.state]}</span>;
  return (
    <>
      {request.approvals > 0 && (
        <span className="dim small">
          {approvedBy(request)} of {request.approvals} approved
        </span>
      )}
      {request.viewerCanDecide && <span className={clsx(flagCss.flag, flagCss.accent)}>waits for you</span>}
    </>
  );
}
