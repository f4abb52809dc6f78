// One entry of the audit log, which opens to show where it came from and all that changed.
import clsx from 'clsx';
import { useState } from 'react';
import type { AuditLogQuery } from '../../api/documents.gen.ts';
import { shortId } from '../../format.ts';
import { moment } from '../../times.ts';
import buttonsCss from '../../ui/buttons.module.css';
import flagCss from '../../ui/flag.module.css';
import { Icon } from '../../ui/icons.tsx';
import { Pair, Pairs } from '../../ui/tables/pairs.tsx';
import { Ago, Copyable } from '../../ui/tables/values.tsx';
import css from './audit.module.css';

type Entry = NonNullable<AuditLogQuery['team']>['auditLog']['nodes'][number];

export const nameOf = (action: string) => action.slice(0, 1) + action.slice(1).toLowerCase().replaceAll('_', ' ');

const text = (value: unknown): string =>
  value === null || value === undefined ? '–' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** What changed, by key: `role VIEWER → ADMIN`. */
function changes({ before, after }: Entry): { key: string; from: string | null; to: string | null }[] {
  const [old, now] = [(before ?? {}) as Record<string, unknown>, (after ?? {}) as Record<string, unknown>];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((key) => text(old[key]) !== text(now[key]))
    .map((key) => ({ key, from: key in old ? text(old[key]) : null, to: key in now ? text(now[key]) : null }));
}

export function Row({ entry }: { entry: Entry }) {
  const [open, setOpen] = useState(false);
  const changed = changes(entry);
  return (
    <>
      <tr>
        <td>
          <button type="button" className={buttonsCss.quiet} aria-expanded={open} aria-label="More of this entry" onClick={() => setOpen(!open)}>
            <Icon name={open ? 'down' : 'right'} size={11} />
          </button>{' '}
          <Ago when={entry.at} />
        </td>
        <td>
          {entry.actorName.replace(/\.service-account\.invalid$/, '')}{' '}
          {entry.tokenId && (
            <span className={flagCss.flag} title={`By the API token ${entry.tokenId}`}>
              token
            </span>
          )}
        </td>
        <td className={entry.action === 'DENIED' ? css.denied : undefined}>{nameOf(entry.action)}</td>
        <td className={clsx('mono', css.target)} title={entry.target}>
          {entry.target}
        </td>
        <td className={css.changes}>
          {changed.slice(0, 3).map(({ key, from, to }) => (
            <span key={key} title={`${key}: ${from ?? '–'} → ${to ?? '–'}`}>
              <span className="dim">{key}</span> {from !== null && <del className="mono">{from}</del>}{' '}
              {to !== null && <ins className="mono">{to}</ins>}
            </span>
          ))}
          {changed.length > 3 && <span className="dim">and {changed.length - 3} more</span>}
        </td>
      </tr>
      {open && (
        <tr className={css.more}>
          <td colSpan={5}>
            <Pairs>
              {[
                ['When', moment(entry.at)],
                ['From', entry.address ?? '–'],
                ['With', entry.userAgent ?? '–'],
              ].map(([name, value]) => (
                <Pair key={name} name={name}>
                  {value}
                </Pair>
              ))}
              <Pair name="Request">
                <Copyable text={entry.requestId} label="the request id" />
              </Pair>
              {entry.tokenId && (
                <Pair name="Token">
                  <Copyable text={entry.tokenId}>{shortId(entry.tokenId)}</Copyable>
                </Pair>
              )}
              {changed.map(({ key, from, to }) => (
                <Pair key={key} name={key} mono>
                  {from ?? '–'} → {to ?? '–'}
                </Pair>
              ))}
            </Pairs>
          </td>
        </tr>
      )}
    </>
  );
}
