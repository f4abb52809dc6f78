// Rooms of a few lines: waiting, nothing here, and the way from MLflow's run addresses to ours.
import { useEffect } from 'react';
import { go, to } from '../router.ts';
import { Empty, Rows } from '../ui/feedback/states.tsx';
import pageCss from '../ui/page.module.css';
import { useTeam } from './team.ts';

export const Waiting = () => (
  <div className={pageCss.page}>
    <Rows />
  </div>
);

/** For whoever is on the server but in no team. */
export const NoTeam = () => (
  <Empty title="You are in no team yet">
    <p>Ask an administrator of a team to add you; then reload. Server administrators make teams in the menu at the top left.</p>
  </Empty>
);

export function NotHere({ team }: { team?: string | undefined }) {
  return (
    <Empty title={team ? `No team “${team}” of yours` : 'Nothing is at this address'}>
      <p>{team ? 'It is not there, or you are not a member. Its administrators can add you.' : 'The link may be old, or mistyped.'}</p>
      <a href="#/">Go to your runs</a>
    </Empty>
  );
}

export function RunRedirect({ runId }: { runId: string }) {
  const team = useTeam();
  useEffect(() => go(to('t', team.slug, 'runs', runId), { replace: true }), [team.slug, runId]);
  return <Waiting />;
}
