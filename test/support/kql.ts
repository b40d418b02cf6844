export interface Term {
  readonly negated: boolean;
  readonly field: string;
  readonly operator: ':' | '>=' | '<=' | '>' | '<';
  /** `*`: the field is there. */
  readonly value: string;
}

/**
 * The terms of a query in the part of KQL that is used here, all of which must hold: `field : value`, comparisons, `and`,
 * `not`. Throws on anything else.
 */
export function termsOf(query: string): Term[] {
  if (query === '') return [];
  return query.split(' and ').map((text) => {
    const term = /^(not )?([@\w.]+) ?(:|>=|<=|>|<) ?(\*|"[^"]+"|[\w.-]+)$/.exec(text);
    if (term === null) throw new Error(`not KQL as it is used here: ${text}`);
    const [, not, field, operator, value] = term;
    return {
      negated: not !== undefined,
      field,
      operator: operator as Term['operator'],
      value: value.replaceAll('"', ''),
    };
  });
}

const ranges = { '>=': 'gte', '<=': 'lte', '>': 'gt', '<': 'lt' } as const;

/** What Kibana makes of the query for Elasticsearch. */
export function elasticsearchQuery(query: string): object {
  const must: object[] = [];
  const mustNot: object[] = [];
  for (const { negated, field, operator, value } of termsOf(query)) {
    const clause =
      operator !== ':'
        ? { range: { [field]: { [ranges[operator]]: value } } }
        : value === '*'
          ? { exists: { field } }
          : { match: { [field]: value } };
    (negated ? mustNot : must).push(clause);
  }
  return { bool: { filter: must, must_not: mustNot } };
}
