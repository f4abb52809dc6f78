// The server, for its administrators: who is on it and which teams there are. Of what teams hold, nothing.
import clsx from 'clsx';
import { useEffect } from 'react';
import { useSession } from '../api/session.ts';
import { to } from '../router.ts';
import { Empty } from '../ui/feedback/states.tsx';
import pageCss from '../ui/page.module.css';
import { Tabs } from '../ui/tabs.tsx';
import { ServerTeams } from './teams.tsx';
import { ServerUsers } from './users.tsx';

export function ServerRoom({ tab }: { tab: string }) {
  const { isServerAdmin } = useSession().viewer!;
  useEffect(() => {
    document.title = 'Server · Runledger';
  }, []);
  return (
    <div className={clsx(pageCss.page, pageCss.narrow)}>
      <div className={pageCss.bar}>
        <h1>Server</h1>
      </div>
      {isServerAdmin ? (
        <>
          <Tabs
            label="Of this server"
            current={tab}
            tabs={[
              { name: 'people', label: 'People', href: to('server') },
              { name: 'teams', label: 'Teams', href: to('server', 'teams') },
            ]}
          />
          {tab === 'teams' ? <ServerTeams /> : <ServerUsers />}
        </>
      ) : (
        <Empty title="For server administrators">
          <p>Ask one of them.</p>
        </Empty>
      )}
    </div>
  );
}
