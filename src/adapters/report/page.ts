/** A cell: a text (foreign texts as they are; each renderer makes them harmless) or a number of ours. */
export type Cell = string | number;

/** One table of a report. */
export interface Sheet {
  /** For `--table`. */
  readonly name: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** So many columns, from the first, are enough on a terminal; undefined: all. */
  readonly brief?: number | undefined;
}

/** A report as people read it: what was looked at, and tables. HTML, CSV and text are made of it. */
export interface ReportPage {
  readonly title: string;
  /** Sentences; may hold foreign texts. */
  readonly notes: readonly string[];
  readonly sheets: readonly Sheet[];
}
