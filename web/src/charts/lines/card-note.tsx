// What stands in a chart's place, and what to do about it.
import buttonsCss from '../../ui/buttons.module.css';
import chartCardCss from '../chart-card.module.css';

/** Without a height it takes one line: an empty chart needs no room. */
export function CardNote({ text, height, action, act }: { text: string; height?: number; action?: string; act?: () => void }) {
  return (
    <div className={chartCardCss.note} style={height === undefined ? undefined : { height }}>
      <p>{text}</p>
      {action && (
        <button type="button" className={buttonsCss.link} onClick={act}>
          {action}
        </button>
      )}
    </div>
  );
}
