// A team: its people, the programs that act for it, webhooks, what was done, and what it keeps. One tab each.
import '../styles/people.css';
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { Empty, Rows } from '../parts/states.tsx';
import { to } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { Invitations } from './invitations.tsx';
import { MembersPanel } from './members.tsx';
import { roleName } from './tokens.tsx';

const Programs = lazy(() => import('./programs.tsx').then((m) => ({ default: m.Programs })));
const Webhooks = lazy(() => import('./webhooks.tsx').then((m) => ({ default: m.Webhooks })));
const AuditLog = lazy(() => import('./audit.tsx').then((m) => ({ default: m.AuditLog })));
const Usage = lazy(() => import('./usage.tsx').then((m) => ({ default: m.Usage })));

export function TeamRoom({ tab }: { tab: string }) {
  const team = useTeam();
  const admin = useCan('ADMIN');
  const maintainer = useCan('MAINTAINER');
  useEffect(() => {
    document.title = `${team.name} · Runledger`;
  }, [team.name]);
  const tabs: [string, string, boolean, ReactNode][] = [
    [
      'people',
      'People',
      true,
      <>
        <MembersPanel />
        {admin && <Invitations />}
      </>,
    ],
    ['programs', 'Programs', true, <Programs key="programs" />],
    ['webhooks', 'Webhooks', maintainer, <Webhooks key="webhooks" />],
    ['audit', 'Audit log', admin, <AuditLog key="audit" />],
    ['usage', 'Usage', true, <Usage key="usage" />],
  ];
  const shown = tabs.filter(([, , may]) => may);
  const [, , , content] = shown.find(([name]) => name === tab) ?? [];
  return (
    <div className={tab === 'audit' ? 'page' : 'page narrow'}>
      <div className="page-bar">
        <h1>{team.name}</h1>
        <span className="dim mono">{team.slug}</span>
        <span className="dim">You are {roleName(team.myRole)}</span>
      </div>
      <nav className="tabs" aria-label="Of this team">
        {shown.map(([name, label]) => (
          <a key={name} href={to('t', team.slug, 'team', ...(name === 'people' ? [] : [name]))} aria-current={name === tab ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <Suspense fallback={<Rows count={5} />}>
        {content ?? (
          <Empty title="Not for your role">
            <p>You are {roleName(team.myRole)} in this team. Its admins can give you another role.</p>
          </Empty>
        )}
      </Suspense>
    </div>
  );
}
