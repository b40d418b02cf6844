/** What a PromQL expression names, as far as it can be told without a grammar. */
export interface PromqlNames {
  readonly metrics: readonly string[];
  /** Labels beside the metric whose matcher has them, or with '' where they group or match sides. */
  readonly labels: readonly { readonly metric: string; readonly label: string; readonly value?: string }[];
}

type Token = { readonly kind: 'name' | 'text' | 'number' | 'duration' | 'sign'; readonly text: string };

/** Functions and aggregations of PromQL that are used here; one that is not in the list is an error. */
const functions = 'sum min max avg count increase rate absent histogram_quantile'.split(' ');
const keywords = 'by without on ignoring and or unless offset group_left group_right bool'.split(' ');
const listing = 'by without on ignoring group_left group_right'.split(' ');

const shapes: readonly (readonly [Token['kind'] | 'blank', RegExp])[] = [
  ['blank', /^\s+/],
  ['text', /^"(?:[^"\\\n]|\\.)*"/],
  ['duration', /^(?:\d+(?:ms|[smhdwy]))+(?![\w.])|^\$__(?:rate_)?interval\b/],
  ['number', /^\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)/],
  ['name', /^[a-zA-Z_:][\w:]*/],
  ['sign', /^(?:=~|!~|!=|==|>=|<=|[-+*/%^<>=(){}[\],])/],
];

const tokensOf = (text: string): Token[] => {
  const tokens: Token[] = [];
  for (let rest = text; rest !== ''; ) {
    const found = shapes.map(([kind, shape]) => ({ kind, text: shape.exec(rest)?.[0] })).find((each) => each.text);
    if (found?.text === undefined) throw new SyntaxError(`cannot read PromQL at: ${rest.slice(0, 20)}`);
    if (found.kind !== 'blank') tokens.push({ kind: found.kind, text: found.text });
    rest = rest.slice(found.text.length);
  }
  return tokens;
};

/**
 * Checks brackets, functions, ranges, label lists and that operands and operators take turns; throws `SyntaxError`.
 * No whole grammar: types (a range where an instant vector is wanted) are not checked.
 */
export const readPromql = (text: string): PromqlNames => {
  const tokens = tokensOf(text);
  const at = (index: number): string => tokens[index]?.text ?? '';
  const metrics: string[] = [];
  const labels: { metric: string; label: string; value?: string }[] = [];
  const open: string[] = [];
  let operand = false;
  const fail = (why: string, index: number): never => {
    throw new SyntaxError(`${why} at token ${index} (${at(index)}) of ${text}`);
  };
  const need = (fits: boolean, why: string, index: number): void => {
    if (!fits) fail(why, index);
  };

  /** `{label="value", …}` or `(label, …)`, from its opening bracket; where its closing one stands. */
  const readList = (from: number, metric: string, close: string): number => {
    let index = from + 1;
    while (at(index) !== close) {
      need(tokens[index]?.kind === 'name', 'expected a label', index);
      const label = at(index++);
      if (close === '}') {
        need(['=', '!=', '=~', '!~'].includes(at(index)), 'expected a matcher', index);
        need(tokens[index + 1]?.kind === 'text', 'expected a text in quotes', index + 1);
        labels.push({ metric, label, value: at(index) === '=' ? JSON.parse(at(index + 1)) : undefined });
        index += 2;
      } else labels.push({ metric, label });
      if (at(index) === ',') index++;
      else need(at(index) === close, `expected , or ${close}`, index);
    }
    return index;
  };

  for (let index = 0; index < tokens.length; index++) {
    const { kind, text: word } = tokens[index];
    if (kind === 'name' && listing.includes(word)) {
      need(at(index + 1) === '(', 'expected (', index + 1);
      index = readList(index + 1, '', ')');
    } else if (word === 'offset') {
      need(operand && tokens[index + 1]?.kind === 'duration', 'expected a duration behind a vector', index + 1);
      index++;
    } else if (kind === 'name' && keywords.includes(word)) {
      need(operand || word === 'bool', 'expected an operand', index);
      operand = false;
    } else if (word === 'time' && at(index + 1) === '(' && at(index + 2) === ')') {
      need(!operand, 'expected an operator', index);
      index += 2;
      operand = true;
    } else if (kind === 'name' && functions.includes(word)) {
      need(!operand, 'expected an operator', index);
      need(['(', 'by', 'without'].includes(at(index + 1)), 'expected (', index + 1);
    } else if (kind === 'name') {
      need(!operand, 'expected an operator', index);
      need(at(index + 1) !== '(', 'unknown function', index);
      metrics.push(word);
      if (at(index + 1) === '{') index = readList(index + 1, word, '}');
      if (at(index + 1) === '[') {
        need(tokens[index + 2]?.kind === 'duration' && at(index + 3) === ']', 'expected a duration and ]', index + 2);
        index += 3;
      }
      operand = true;
    } else if (kind === 'number') {
      need(!operand, 'expected an operator', index);
      operand = true;
    } else if (word === '(') {
      need(!operand, 'expected an operator', index);
      open.push(word);
    } else if (word === ')') {
      need(operand && open.pop() === '(', 'unexpected )', index);
    } else if (kind === 'sign' && !'{}[]='.includes(word)) {
      need(operand, 'expected an operand', index);
      operand = false;
    } else fail('unexpected', index);
  }
  need(operand && open.length === 0, 'the expression ends too soon', tokens.length);
  return { metrics, labels };
};
