// Who said what to a request, and saying something oneself: approve, reject, take back.
import { Button, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApprovePromotionDocument, RejectPromotionDocument, WithdrawPromotionDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask, useSession } from '../../api/session.ts';
import { useCan, useTeam } from '../../shell/team.ts';
import { useAct } from '../../ui/feedback/act.ts';
import { Icon } from '../../ui/icons.tsx';
import panelCss from '../../ui/panel.module.css';
import { Panel } from '../../ui/panel.tsx';
import { Ago } from '../../ui/tables/values.tsx';
import { actorName, approvedBy, type FullRequest, targetName } from '../words.ts';
import css from './decision.module.css';

export function Decision({ request }: { request: FullRequest }) {
  const { votes, approvals, state, viewerCanDecide, viewerRefusal } = request;
  return (
    <Panel title="Approvals" note={approvals > 0 ? `${approvedBy(request)} of ${approvals}` : undefined}>
      {votes.length > 0 && (
        <ul className={panelCss.lines} aria-label="Votes">
          {votes.map((vote, at) => (
            <li key={at} className={css.vote} data-approves={vote.approves}>
              <Icon name={vote.approves ? 'check' : 'close'} size={13} />
              <div>
                <p>
                  <strong>{actorName(vote.user)}</strong> {vote.approves ? 'approved' : 'rejected'}{' '}
                  <span className="dim small">
                    <Ago when={vote.votedAt} />
                  </span>
                </p>
                {vote.comment && <p className={css.said}>{vote.comment}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
      {votes.length === 0 && <p className={panelCss.empty}>{state === 'OPEN' ? 'Nobody has decided yet.' : 'Nobody voted.'}</p>}
      {viewerCanDecide && <Decide request={request} />}
      {state === 'OPEN' && (viewerRefusal !== null || !viewerCanDecide) && <p className={panelCss.empty}>{viewerRefusal}</p>}
      {state === 'OPEN' && <TakeBack request={request} />}
    </Panel>
  );
}

function Decide({ request }: { request: FullRequest }) {
  const team = useTeam();
  const act = useAct();
  const queries = useQueryClient();
  const [comment, setComment] = useState('');
  const broken = request.conditions.some(({ holds }) => !holds);
  const said = { id: request.id, comment: comment.trim() || null };
  const decide = async (work: () => Promise<string>) => {
    const done = await act(work, { done: (text) => text });
    // An approval whose conditions don't hold is refused and stands all the same.
    await queries.invalidateQueries({ queryKey: queryKeys.models(team.slug) });
    if (done !== null) setComment('');
  };
  const approve = async () => {
    const { approvePromotion } = await ask(ApprovePromotionDocument, said);
    const { state } = approvePromotion.promotionRequest;
    if (state !== 'APPLIED') return 'Approved';
    return request.version === null ? `${targetName(request)} is taken off` : `${targetName(request)} is v${request.version} now`;
  };
  const reject = async () => {
    await ask(RejectPromotionDocument, said);
    return 'Rejected';
  };
  return (
    <form className={css.decide} aria-label="Decide" onSubmit={(event) => event.preventDefault()}>
      <Textarea
        label="Comment"
        placeholder="May be empty"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={1_000}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      {broken && (
        <p className="dim small">Conditions don’t hold now: an approval stands, and the move is made once somebody approves while they do.</p>
      )}
      <div className={css.buttons}>
        <Button leftSection={<Icon name="check" size={13} />} onClick={() => void decide(approve)}>
          Approve
        </Button>
        <Button variant="default" onClick={() => void decide(reject)}>
          Reject
        </Button>
      </div>
    </form>
  );
}

function TakeBack({ request }: { request: FullRequest }) {
  const team = useTeam();
  const act = useAct();
  const { user: me } = useSession().viewer!;
  const mayOthers = useCan('protection:manage');
  const asker = request.requestedBy;
  const own = asker !== null && 'id' in asker && asker.id === me.id;
  if (!own && !mayOthers) return null;
  return (
    <div className={panelCss.foot}>
      <Button
        variant="default"
        size="compact-xs"
        onClick={() =>
          void act(() => ask(WithdrawPromotionDocument, { id: request.id }), { done: 'Taken back', again: [queryKeys.models(team.slug)] })
        }
      >
        Take back
      </Button>
      {!own && <span className="dim small">for {actorName(asker)}</span>}
    </div>
  );
}
