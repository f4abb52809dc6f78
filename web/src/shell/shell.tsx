// The frame of every room: where one is, the way elsewhere, the theme, and the keys that work everywhere.
import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { Fragment, lazy, type ReactNode, Suspense, use, useEffect, useState } from 'react';
import { signOut, useSession } from '../api/session.ts';
import { WaitingCount } from '../governance/waiting-count.tsx';
import { useKeptScroll } from '../kept.ts';
import { go, to, usePlace } from '../router.ts';
import { ErrorBoundary } from '../ui/feedback/error-boundary.tsx';
import { Icon } from '../ui/icons.tsx';
import { useKeys } from '../ui/shortcuts.ts';
import { ConnectionPill } from './connection-pill.tsx';
import { Logo } from './logo.tsx';
import css from './shell.module.css';
import { TeamContext } from './team.ts';
import { ThemeButton } from './theme-button.tsx';
import { VersionBar } from './version-bar.tsx';

const loadPalette = () => import('./command-palette.tsx');

const Palette = lazy(() => loadPalette().then((m) => ({ default: m.Palette })));

const NewTeam = lazy(() => import('../people/new-team.tsx').then((m) => ({ default: m.NewTeam })));

const Help = lazy(() => import('./shortcut-help.tsx').then((m) => ({ default: m.Help })));

const ROOMS = [
  ['runs', 'Runs'],
  ['experiments', 'Experiments'],
  ['models', 'Models'],
  ['team', 'Team'],
] as const;

/** Rooms without an entry of their own. */
const WITHIN: Record<string, string> = { compare: 'runs', requests: 'models' };

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform);

export function Shell({ children }: { children: ReactNode }) {
  const team = use(TeamContext);
  const viewer = useSession().viewer!;
  const { path } = usePlace();
  const [open, setOpen] = useState<'palette' | 'help' | 'team' | null>(null);
  const content = useKeptScroll(path.join('/'));
  const here = path[0] === 't' ? (path[2] ?? 'runs') : path[0];
  useKeys({
    'mod+k': () => setOpen('palette'),
    '?': () => setOpen('help'),
  });
  useEffect(() => {
    // Ahead of the first ⌘K, so that what is typed right after it isn't lost.
    const timer = setTimeout(() => void loadPalette(), 1_500);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    const listen = () => setOpen('help');
    window.addEventListener('runledger:help', listen);
    return () => window.removeEventListener('runledger:help', listen);
  }, []);

  return (
    <div className={css.shell}>
      <button type="button" className={css.skip} onClick={() => document.getElementById('content')?.focus()}>
        Skip to the content
      </button>
      <header className={css.top}>
        <a className={css.brand} href="#/" aria-label="Runledger, home">
          <Logo />
          <span>Runledger</span>
        </a>
        <Menu position="bottom-start">
          <Menu.Target>
            <button type="button" className={css.team} aria-label={`${team?.name ?? 'No team'}, switch the team`}>
              <span>{team?.name ?? 'No team'}</span>
              <Icon name="down" size={12} />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>Your teams</Menu.Label>
            {viewer.teams.map((one) => (
              <Menu.Item
                key={one.id}
                onClick={() => go(to('t', one.slug))}
                rightSection={one.slug === team?.slug ? <Icon name="check" size={14} /> : null}
              >
                {one.name} <span className="dim">{one.myRole.toLowerCase()}</span>
              </Menu.Item>
            ))}
            {viewer.teams.length === 0 && <Menu.Item disabled>None yet</Menu.Item>}
            {viewer.isServerAdmin && (
              <>
                <Menu.Divider />
                <Menu.Item onClick={() => setOpen('team')}>New team…</Menu.Item>
                <Menu.Item onClick={() => go('/server')}>Server…</Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
        {team && (
          <nav className={css.rooms} aria-label="Rooms">
            {ROOMS.map(([name, label]) => (
              <Fragment key={name}>
                <a href={to('t', team.slug, name)} aria-current={name === (WITHIN[here ?? ''] ?? here) ? 'page' : undefined}>
                  {label}
                </a>
                {name === 'models' && <WaitingCount />}
              </Fragment>
            ))}
          </nav>
        )}
        <span className="grow" />
        <ConnectionPill />
        <button type="button" className={css.search} onClick={() => setOpen('palette')} aria-label="Search" data-keys={IS_MAC ? '⌘K' : 'Ctrl K'}>
          <Icon name="search" size={14} />
          <span>Search</span>
        </button>
        <ThemeButton />
        <Tooltip label="Keys  ?">
          <ActionIcon className={css.help} aria-label="Keyboard shortcuts" onClick={() => setOpen('help')}>
            <Icon name="help" />
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom-end">
          <Menu.Target>
            <button type="button" className={css.me} aria-label={`${viewer.user.name}: your tokens, password, sign out`}>
              {viewer.user.name.slice(0, 1).toUpperCase()}
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{viewer.user.email}</Menu.Label>
            <Menu.Item onClick={() => go(team ? to('t', team.slug, 'me') : '/me')}>Tokens, password, theme</Menu.Item>
            <Menu.Item component="a" href="graphql" target="_blank" rel="noreferrer">
              GraphQL API
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </header>
      <VersionBar />
      <main id="content" className={css.content} tabIndex={-1} ref={content}>
        {children}
      </main>
      <ErrorBoundary address={open ?? ''}>
        <Suspense fallback={null}>
          {open === 'palette' && <Palette close={() => setOpen(null)} />}
          {open === 'help' && <Help close={() => setOpen(null)} />}
          {open === 'team' && <NewTeam close={() => setOpen(null)} />}
        </Suspense>
      </ErrorBoundary>
    </div>
  );
}
