/** The package ships no types. */
declare module 'nsyslog-parser' {
  interface Parsed {
    readonly type: string;
    readonly prival: number;
    readonly facility: string;
    readonly level: string;
    readonly ts: Date;
    readonly host: string;
    readonly appName: string;
    readonly pid: string;
    readonly messageid: string;
    readonly message: string;
    readonly cef?: Readonly<Record<string, string>>;
    readonly fields: Readonly<Record<string, string>>;
  }
  function parse(line: string): Parsed;
  export = parse;
}
declare module 'nsyslog-parser/cef.js' {
  interface Parsed {
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly fields: Readonly<Record<string, string | undefined>>;
  }
  const parser: { parse(text: string): Parsed };
  export = parser;
}
