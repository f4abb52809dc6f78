// Which room the address asks for, once somebody is signed in. Rooms load when they are first entered.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo } from 'react';
import { ApiError } from './api/client.ts';
import { resume, useSession } from './api/session.ts';
import { go, to, usePlace } from './router.ts';
import { RunsRoom } from './runs/room.tsx';
import { CatchingUp } from './shell/catching-up.tsx';
import { Invitation } from './shell/invitation.tsx';
import { NoTeam, NotHere, RunRedirect, Waiting } from './shell/placeholders.tsx';
import { Shell } from './shell/shell.tsx';
import { SignIn } from './shell/sign-in.tsx';
import { TeamContext } from './shell/team.ts';
import { ErrorBoundary } from './ui/feedback/error-boundary.tsx';
import { Toasts } from './ui/feedback/states.tsx';

const ExperimentsRoom = lazy(() => import('./experiments/room.tsx').then((m) => ({ default: m.ExperimentsRoom })));
const RunRoom = lazy(() => import('./run/room.tsx').then((m) => ({ default: m.RunRoom })));
const CompareRoom = lazy(() => import('./compare/room.tsx').then((m) => ({ default: m.CompareRoom })));
const ModelsRoom = lazy(() => import('./models/model-list.tsx').then((m) => ({ default: m.ModelsRoom })));
const ModelRoom = lazy(() => import('./models/model.tsx').then((m) => ({ default: m.ModelRoom })));
const VersionRoom = lazy(() => import('./models/version.tsx').then((m) => ({ default: m.VersionRoom })));
const RequestsRoom = lazy(() => import('./governance/requests/requests-room.tsx').then((m) => ({ default: m.RequestsRoom })));
const RequestRoom = lazy(() => import('./governance/requests/request-room.tsx').then((m) => ({ default: m.RequestRoom })));
const LoggedModelRoom = lazy(() => import('./models/logged-model.tsx').then((m) => ({ default: m.LoggedModelRoom })));
const TeamRoom = lazy(() => import('./people/team.tsx').then((m) => ({ default: m.TeamRoom })));
const ServerRoom = lazy(() => import('./server/room.tsx').then((m) => ({ default: m.ServerRoom })));
const Reset = lazy(() => import('./server/reset.tsx').then((m) => ({ default: m.Reset })));
const MeRoom = lazy(() => import('./people/me.tsx').then((m) => ({ default: m.MeRoom })));

/** Faults of the asker don't get better by asking again. */
const RETRIED = new Set(['OFFLINE', 'UNAVAILABLE', 'INTERNAL']);

const newClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // The server may be on this very machine, whatever the browser thinks of the network.
        networkMode: 'always',
        staleTime: 5_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) => failures < 2 && error instanceof ApiError && RETRIED.has(error.code),
      },
    },
  });

let resumed = false;

export function App() {
  const session = useSession();
  const { path } = usePlace();
  const invited = path[0] === 'invitation' ? path[1] : undefined;
  const linked = path[0] === 'sign-in' ? path[1] : undefined;
  const reset = path[0] === 'reset' ? path[1] : undefined;
  useEffect(() => {
    // Once per page: a refresh token works only once. A sign-in link starts a session of its own.
    if (resumed || linked) return;
    resumed = true;
    void resume();
  }, [linked]);
  // What one person saw is not left for the next.
  const person = session.viewer?.user.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a person, a client
  const queries = useMemo(newClient, [person]);
  return (
    <QueryClientProvider client={queries}>
      {reset && session.status !== 'starting' ? (
        <Suspense fallback={<Waiting />}>
          <Reset token={reset} />
        </Suspense>
      ) : invited && session.status !== 'starting' ? (
        <Invitation token={invited} />
      ) : session.status === 'in' && !linked ? (
        <Rooms key={person} />
      ) : session.status === 'starting' && !linked ? (
        <Waiting />
      ) : (
        <SignIn link={linked} />
      )}
      <Toasts />
      <CatchingUp />
    </QueryClientProvider>
  );
}

/** `/t/<team>/…`; what MLflow's clients print (`/experiments/3/runs/…`) means the default team. */
function Rooms() {
  const viewer = useSession().viewer!;
  const { path, query } = usePlace();
  const address = `${path.join('/')}?${query}`;
  const slug = path[0] === 't' ? path[1] : undefined;
  const remembered = localStorage.getItem('runledger.team');
  const team = viewer.teams.find((one) => one.slug === (slug ?? remembered)) ?? (slug ? undefined : viewer.teams[0]);
  const rest = slug ? path.slice(2) : path;
  useEffect(() => {
    if (team) localStorage.setItem('runledger.team', team.slug);
    if (!slug && team && path[0] !== 'me' && path[0] !== 'server') {
      const own = viewer.teams[0] ?? team;
      // A link to an experiment's number means the default team, whatever was open last.
      go(to('t', path.length ? own.slug : team.slug, ...path), { replace: true });
    }
  }, [slug, team, path, viewer.teams]);
  if (!team) {
    return (
      <Shell>
        <ErrorBoundary address={address}>
          <Suspense fallback={<Waiting />}>
            {rest[0] === 'server' ? (
              <ServerRoom tab={rest[1] ?? 'people'} />
            ) : rest[0] === 'me' ? (
              <MeRoom />
            ) : viewer.teams.length === 0 ? (
              <NoTeam />
            ) : (
              <NotHere team={slug} />
            )}
          </Suspense>
        </ErrorBoundary>
      </Shell>
    );
  }
  return (
    <TeamContext value={team}>
      <Shell>
        {/* Another team is another room: nothing that was ticked or typed goes along. */}
        <ErrorBoundary key={team.slug} address={address}>
          <Suspense fallback={<Waiting />}>{room(rest)}</Suspense>
        </ErrorBoundary>
      </Shell>
    </TeamContext>
  );
}

function room(path: string[]) {
  const [noun, id, sub, subId] = path;
  if (!noun) return <RunsRoom key="all" />;
  if (noun === 'runs') return id ? <RunRoom key={id} runId={id} tab={sub ?? 'overview'} /> : <RunsRoom key="all" />;
  if (noun === 'experiments') {
    if (!id) return <ExperimentsRoom />;
    if (sub === 'runs' && subId) return <RunRedirect runId={subId} />;
    if (sub === 'models' && subId) return <LoggedModelRoom key={subId} modelId={subId} />;
    return <RunsRoom key={id} experimentIds={id} />;
  }
  if (noun === 'compare') return <CompareRoom />;
  if (noun === 'models') {
    if (!id) return <ModelsRoom />;
    return sub === 'versions' && subId ? <VersionRoom key={`${id} ${subId}`} name={id} version={Number(subId)} /> : <ModelRoom key={id} name={id} />;
  }
  if (noun === 'requests') return id ? <RequestRoom key={id} requestId={id} /> : <RequestsRoom />;
  if (noun === 'logged-models' && id) return <LoggedModelRoom key={id} modelId={id} />;
  if (noun === 'team') return <TeamRoom tab={id ?? 'people'} />;
  if (noun === 'me') return <MeRoom />;
  if (noun === 'server') return <ServerRoom tab={id ?? 'people'} />;
  return <NotHere />;
}
