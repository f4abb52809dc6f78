// The keys, where `?` shows them.
import { Modal } from '@mantine/core';
import css from './shortcut-help.module.css';

const KEYS: [string, [string, string][]][] = [
  [
    'Everywhere',
    [
      ['⌘K  Ctrl K', 'Find an experiment, run, model, person or command'],
      ['?', 'These keys'],
    ],
  ],
  [
    'Runs',
    [
      ['/', 'Filter'],
      ['j  k', 'Next, previous run'],
      ['x', 'Select the run'],
      ['h', 'Hide the run in the charts, or show it'],
      ['Enter', 'Open the run'],
      ['c', 'Compare the selected'],
      ['Esc', 'Clear the selection'],
      ['t  b  g', 'Table, both, charts'],
    ],
  ],
  [
    'Charts',
    [
      ['drag', 'Zoom in'],
      ['double-click', 'Zoom out'],
      ['Shift drag', 'Move along while zoomed in'],
      ['e', 'Enlarge the chart under the pointer'],
      ['l', 'Log scale'],
    ],
  ],
];

export function Help({ close }: { close: () => void }) {
  return (
    <Modal opened onClose={close} title="Keys" size="md">
      <div className={css.help}>
        {KEYS.map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, meaning]) => (
                <div key={key}>
                  <dt>
                    {key.split('  ').map((one) => (
                      <kbd key={one}>{one}</kbd>
                    ))}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
