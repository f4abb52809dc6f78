// A team: its people, the programs that act for it, webhooks, what was done, and what it keeps. One tab each.
import clsx from 'clsx';
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { to } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { ErrorBoundary } from '../ui/feedback/error-boundary.tsx';
import { Empty, Rows } from '../ui/feedback/states.tsx';
import pageCss from '../ui/page.module.css';
import { Tabs } from '../ui/tabs.tsx';
import { Invitations } from './invitations.tsx';
import { MembersPanel } from './members.tsx';
import { roleName } from './roles.ts';

const Programs = lazy(() => import('./programs.tsx').then((m) => ({ default: m.Programs })));
const Webhooks = lazy(() => import('./webhooks/webhooks.tsx').then((m) => ({ default: m.Webhooks })));
const Protections = lazy(() => import('../governance/protections/protections.tsx').then((m) => ({ default: m.Protections })));
const AuditLog = lazy(() => import('./audit/audit.tsx').then((m) => ({ default: m.AuditLog })));
const Usage = lazy(() => import('./usage.tsx').then((m) => ({ default: m.Usage })));

export function TeamRoom({ tab }: { tab: string }) {
  const team = useTeam();
  const mayInvite = useCan('member:manage');
  const mayAudit = useCan('audit:read');
  const mayManageWebhooks = useCan('webhook:manage');
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
        {mayInvite && <Invitations />}
      </>,
    ],
    ['programs', 'Programs', true, <Programs key="programs" />],
    ['protections', 'Protections', true, <Protections key="protections" />],
    ['webhooks', 'Webhooks', mayManageWebhooks, <Webhooks key="webhooks" />],
    ['audit', 'Audit log', mayAudit, <AuditLog key="audit" />],
    ['usage', 'Usage', true, <Usage key="usage" />],
  ];
  const shown = tabs.filter(([, , may]) => may);
  const [, , , content] = shown.find(([name]) => name === tab) ?? [];
  return (
    <div className={clsx(pageCss.page, tab === 'audit' ? undefined : pageCss.narrow)}>
      <div className={pageCss.bar}>
        <h1>{team.name}</h1>
        <span className="dim mono">{team.slug}</span>
        <span className="dim">You are {roleName(team.myRole)}</span>
      </div>
      <Tabs
        label="Of this team"
        current={tab}
        tabs={shown.map(([name, label]) => ({ name, label, href: to('t', team.slug, 'team', ...(name === 'people' ? [] : [name])) }))}
      />
      <ErrorBoundary address={tab}>
        <Suspense fallback={<Rows count={5} />}>
          {content ?? (
            <Empty title="Not for your role">
              <p>You are {roleName(team.myRole)} in this team. Its admins can give you another role.</p>
            </Empty>
          )}
        </Suspense>
      </ErrorBoundary>
    </div>
  );
}
