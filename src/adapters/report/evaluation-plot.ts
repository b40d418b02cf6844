/** Plots as SVG text, without a script. Texts given here must be ours: nothing is escaped. */

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Points alone, for a rule without a threshold. */
  readonly dots?: boolean;
}

export interface Plot {
  readonly title: string;
  readonly x: {
    readonly label: string;
    readonly ticks: readonly number[];
    readonly max: number;
    readonly root?: boolean;
  };
  readonly y: { readonly label: string };
  readonly series: readonly Series[];
}

const W = 560;
const H = 340;
const LEFT = 56;
const RIGHT = 130;
const TOP = 14;
const BOTTOM = 46;
const COLOURS = ['#0b5fa5', '#b0413e', '#6b8e23', '#8a5fb0', '#808080'];
/** A curve of more points than pixels looks the same with fewer. */
const MOST_POINTS = 600;

/** x from 0 to `max` (by its square root where `root` is set: budgets crowd at the small end), y a share from 0 to 1. */
export function plotSvg({ title, x, y, series }: Plot): string {
  const scale = (value: number) => (x.root === true ? Math.sqrt(value / x.max) : value / x.max);
  const px = (value: number) => (LEFT + Math.min(1, Math.max(0, scale(value))) * (W - LEFT - RIGHT)).toFixed(1);
  const py = (value: number) => (TOP + (1 - Math.min(1, Math.max(0, value))) * (H - TOP - BOTTOM)).toFixed(1);
  const grid = [
    ...x.ticks.map(
      (tick) =>
        `<line class="grid" x1="${px(tick)}" x2="${px(tick)}" y1="${TOP}" y2="${H - BOTTOM}"/><text x="${px(tick)}" y="${H - BOTTOM + 16}" text-anchor="middle">${tick}</text>`,
    ),
    ...[0, 0.25, 0.5, 0.75, 1].map(
      (tick) =>
        `<line class="grid" x1="${LEFT}" x2="${W - RIGHT}" y1="${py(tick)}" y2="${py(tick)}"/><text x="${LEFT - 6}" y="${Number(py(tick)) + 4}" text-anchor="end">${tick * 100} %</text>`,
    ),
  ];
  const drawn = series.map(({ points, dots }, i) => {
    const colour = COLOURS[i % COLOURS.length]!;
    const shown = thinned(points.filter(([value]) => value <= x.max));
    if (dots === true || shown.length === 1) {
      return shown.map(([a, b]) => `<circle cx="${px(a)}" cy="${py(b)}" r="4.5" fill="${colour}"/>`).join('');
    }
    const path = shown.map(([a, b]) => `${px(a)},${py(b)}`).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${i === 0 ? 2.5 : 1.5}"/>`;
  });
  const legend = series.map(
    ({ name }, i) =>
      `<rect x="${W - RIGHT + 12}" y="${TOP + i * 20}" width="12" height="12" fill="${COLOURS[i % COLOURS.length]!}"/><text x="${W - RIGHT + 30}" y="${TOP + 11 + i * 20}">${name}</text>`,
  );
  return `<svg viewBox="0 0 ${W} ${H}" role="img" aria-label="${title}"><title>${title}</title>${grid.join('')}${drawn.join('')}${legend.join('')}<text x="${(LEFT + W - RIGHT) / 2}" y="${H - 8}" text-anchor="middle">${x.label}</text><text transform="translate(12 ${(TOP + H - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${y.label}</text></svg>`;
}

function thinned<T>(points: readonly T[]): readonly T[] {
  if (points.length <= MOST_POINTS) return points;
  const step = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, i) => points[Math.round(i * step)]!);
}
