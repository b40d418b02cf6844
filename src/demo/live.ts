import { type DemoStatus, type Look, statusLine, statusLines } from './screen';

export interface LiveOptions extends Look {
  readonly write: (text: string) => void;
  readonly tty: boolean;
}

/**
 * Puts lines on a screen above a status that is drawn anew. Where there is no terminal, everything is plain lines one
 * after another, and the status appears once for each simulated day.
 */
export interface Live {
  /** Lines that stay. */
  say(lines: readonly string[]): void;
  /** The newest status; drawn at once on a terminal. */
  status(status: DemoStatus): void;
  /** Removes the status; what it last said stays as one line. */
  finish(): void;
}

const DAY = 86_400_000;

export function live(options: LiveOptions): Live {
  return options.tty ? redrawn(options) : plain(options);
}

function plain({ write }: LiveOptions): Live {
  let day = Number.NaN;
  return {
    say: (lines) => write(lines.map((line) => `${line}\n`).join('')),
    status(status) {
      const today = Math.floor((status.at - status.start) / DAY);
      if (today === day) return;
      day = today;
      write(`${statusLine(status)}\n`);
    },
    finish: () => {},
  };
}

function redrawn({ write, ...look }: LiveOptions): Live {
  let drawn: readonly string[] = [];
  let latest: DemoStatus | undefined;
  // Up over the lines of the last drawing, and clear to the end of the screen.
  const wipe = () => (drawn.length > 0 ? `\u001b[${drawn.length}A\u001b[0J` : '');
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
  const draw = (above: readonly string[]) => {
    const next = latest === undefined ? [] : statusLines(latest, look);
    write(wipe() + text(above) + text(next));
    drawn = next;
  };
  return {
    say: draw,
    status(status) {
      latest = status;
      draw([]);
    },
    finish() {
      const last = latest;
      latest = undefined;
      draw(last === undefined ? [] : [statusLine(last)]);
    },
  };
}
