// API tokens as a table, and making one: its secret is shown once.
import { Button } from '@mantine/core';
import { RevokeApiTokenDocument, type TokenRowFragment } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Confirm, useConfirm } from '../ui/feedback/confirm.tsx';
import flagCss from '../ui/flag.module.css';
import { PanelEmpty } from '../ui/panel.tsx';
import listTableCss from '../ui/tables/list-table.module.css';
import { ACTIONS, ListTable } from '../ui/tables/list-table.tsx';
import { Ago } from '../ui/tables/values.tsx';
import { roleName } from './roles.ts';

export const again = [queryKeys.tokens()];

export function TokenTable({ tokens, owners = false }: { tokens: TokenRowFragment[]; owners?: boolean }) {
  const act = useAct();
  const confirm = useConfirm();
  const shown = tokens.filter(({ revokedAt }) => revokedAt === null);
  if (shown.length === 0) return <PanelEmpty>None.</PanelEmpty>;
  return (
    <>
      <ListTable label="API tokens" columns={['Name', ...(owners ? ['Owner'] : []), 'Team', 'At most', 'Made', 'Used', 'Ends', ACTIONS]}>
        {shown.map((token) => (
          <tr key={token.id}>
            <td className="strong">{token.name}</td>
            {owners && (
              <td>
                {token.serviceAccount?.name ?? token.owner.name} {token.serviceAccount && <span className={flagCss.flag}>program</span>}
              </td>
            )}
            <td>{token.team ?? <span className="dim">{owners ? 'all of theirs' : 'all of yours'}</span>}</td>
            <td>
              {token.role ? (
                roleName(token.role)
              ) : (
                <span className="dim">{token.serviceAccount ? 'its role' : owners ? 'their role' : 'your role'}</span>
              )}
            </td>
            <td>
              <Ago when={token.createdAt} />
            </td>
            <td>{token.lastUsedAt ? <Ago when={token.lastUsedAt} /> : <span className="dim">not yet</span>}</td>
            <td>{token.expiresAt ? <Ago when={token.expiresAt} /> : <span className="dim">never</span>}</td>
            <td className={listTableCss.actionsCell}>
              <Button
                variant="default"
                size="compact-xs"
                aria-label={`Revoke ${token.name}`}
                onClick={() =>
                  confirm.ask({
                    title: `Revoke ${token.name}?`,
                    text: 'Whatever uses it stops working at once. This can not be undone.',
                    verb: 'Revoke',
                    run: () => act(() => ask(RevokeApiTokenDocument, { id: token.id }), { done: 'Revoked', again }),
                  })
                }
              >
                Revoke
              </Button>
            </td>
          </tr>
        ))}
      </ListTable>
      <Confirm of={confirm} />
    </>
  );
}
