// The keys, where `?` shows them.
import { Modal } from '@mantine/core';
import { isUsed } from '../ui/shortcuts.ts';
import css from './shortcut-help.module.css';

/** The keys as they are shown, what they do, and by which of them one knows that they work here. */
type Shown = [keys: string, meaning: string, by: string];

const KEYS: [string, Shown[]][] = [
  [
    'Everywhere',
    [
      ['⌘K  Ctrl K', 'Find an experiment, run, model, person or command', 'mod+k'],
      ['?', 'The keys that work here', '?'],
      ['Esc', 'Close what is on top', '?'],
    ],
  ],
  [
    'Lists',
    [
      ['/', 'Find', '/'],
      ['j  k', 'Next, previous run', 'j'],
      ['x', 'Select the run', 'x'],
      ['h', 'Hide the run in the charts, or show it', 'h'],
      ['Shift j  Shift k', 'Select on and on', 'J'],
      ['Shift click', 'Select from the last one to this', 'J'],
      ['Enter', 'Open the run', 'Enter'],
      ['c', 'Compare the selected', 'c'],
      ['Esc', 'Clear the selection', 'Escape'],
      ['t  b  g', 'Table, both, charts', 't'],
    ],
  ],
  ['Run', [['←  →', 'Previous, next tab', 'ArrowRight']]],
  [
    'Charts',
    [
      ['drag', 'Zoom in', 'e'],
      ['double-click', 'Zoom out', 'e'],
      ['Shift drag', 'Move along while zoomed in', 'e'],
      ['e', 'Enlarge the chart under the pointer', 'e'],
      ['l', 'Log scale', 'l'],
    ],
  ],
];

export function Help({ close }: { close: () => void }) {
  const here = KEYS.map(([title, keys]): [string, Shown[]] => [title, keys.filter(([, , by]) => isUsed(by))]).filter(([, keys]) => keys.length > 0);
  return (
    <Modal opened onClose={close} title="Keys that work here" size="md">
      <div className={css.help}>
        {here.map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, meaning]) => (
                <div key={meaning}>
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
