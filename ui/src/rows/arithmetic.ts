/** Formulas of widgets over single figures: names, numbers, `+ - * /` and brackets. What has no value makes none. */

export type Figures = Record<string, number | null>;

type Token = string;

const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-z_]\w*|[-+*/()])/y;

function tokens(text: string): Token[] | null {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (!match) return null;
    found.push(match[1]);
  }
  return found;
}

class Reader {
  private at = 0;

  constructor(
    private readonly list: Token[],
    private readonly figures: Figures,
  ) {}

  whole(): number | null | undefined {
    const value = this.sum();
    return this.at === this.list.length ? value : undefined;
  }

  private sum(): number | null | undefined {
    let left = this.product();
    while (this.list[this.at] === "+" || this.list[this.at] === "-") {
      const sign = this.list[this.at++] === "+" ? 1 : -1;
      left = both(left, this.product(), (a, b) => a + sign * b);
    }
    return left;
  }

  private product(): number | null | undefined {
    let left = this.factor();
    while (this.list[this.at] === "*" || this.list[this.at] === "/") {
      const times = this.list[this.at++] === "*";
      left = both(left, this.factor(), (a, b) => (times ? a * b : b === 0 ? null : a / b));
    }
    return left;
  }

  private factor(): number | null | undefined {
    const token = this.list[this.at++];
    if (token === undefined) return undefined;
    if (token === "-") return both(0, this.factor(), (a, b) => a - b);
    if (token === "(") {
      const inner = this.sum();
      return this.list[this.at++] === ")" ? inner : undefined;
    }
    if (/^\d/.test(token)) return Number(token);
    return token in this.figures ? this.figures[token] : undefined;
  }
}

/** Undefined is a fault of the formula, null a figure that isn't there. */
function both(
  a: number | null | undefined,
  b: number | null | undefined,
  how: (a: number, b: number) => number | null,
): number | null | undefined {
  if (a === undefined || b === undefined) return undefined;
  return a === null || b === null ? null : how(a, b);
}

/** Undefined when the formula says more than this reads: functions and names that nobody gave. */
export function evaluate(formula: string, figures: Figures): number | null | undefined {
  const list = tokens(formula);
  return list && list.length > 0 ? new Reader(list, figures).whole() : undefined;
}
