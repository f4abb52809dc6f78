// A chart of one metric over some runs: reads its curves when it comes into view, and says what is missing.
import { ActionIcon, Modal } from '@mantine/core';
import { memo, useState } from 'react';
import { Icon } from '../../ui/icons.tsx';
import chartCardCss from '../chart-card.module.css';
import { type CardProps, useInView } from '../chart-settings.ts';
import { Curves } from './curves.tsx';
import { RangeMenu } from './range-menu.tsx';

export const ChartCard = memo(function ChartCard({ team, metric, title = metric, runs, counts, settings, height = 176, group }: CardProps) {
  const { ref, seen } = useInView();
  const [large, setLarge] = useState(false);
  return (
    <section className={chartCardCss.chart} ref={ref} aria-label={metric}>
      <header className={chartCardCss.head}>
        <h3 title={metric}>{title}</h3>
        <span className="grow" />
        <RangeMenu metric={metric} settings={settings} />
        <ActionIcon size={20} aria-label={`Enlarge ${metric}`} onClick={() => setLarge(true)}>
          <Icon name="expand" size={13} />
        </ActionIcon>
      </header>
      <Curves {...{ team, metric, runs, counts, settings, height, group }} enabled={seen} />
      {large && (
        <Modal opened onClose={() => setLarge(false)} title={metric} size="min(1200px, 94vw)">
          <Curves {...{ team, metric, runs, counts, settings, group }} height={Math.min(560, window.innerHeight * 0.62)} enabled points={1_500} />
        </Modal>
      )}
    </section>
  );
});
