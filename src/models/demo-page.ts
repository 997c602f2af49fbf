/** The reply of the demo model: a bit of everything that Markdown can contain. */
export const DEMO_PAGE = `# A page to look at

This is the **demo model**. It knows this page and nothing else, and streams it at about the speed
at which people read, so that streaming, stopping, prices and the look of a reply can be tried
without any provider.

## What a message costs

A price can count messages, what a model reads and what it writes. Before a model is asked, the most
that its reply can cost is put aside; afterwards, what it did cost is charged and the rest is free
again.

| how it ended                  | what is charged           | what is kept          |
| ----------------------------- | ------------------------- | --------------------- |
| complete, with usage          | the cost of that usage    | the reply             |
| complete, without usage       | a count of what came      | the reply             |
| refused before the first word | nothing                   | your message          |
| broken off                    | what came until then      | the part              |
| stopped                       | what came until then      | the part              |

The cost of a reply is

$$
c = p + \\left\\lceil \\frac{(n_i - n_c)\\,r_i + n_c\\,r_c + n_o\\,r_o}{10^6} \\right\\rceil
$$

where $p$ is the price of a message, $n_i$ what was read, $n_c$ the part of it that came from a
cache, $n_o$ what was written, and each $r$ the rate for a million of them. It is rounded up once.

## Some code

A balance that is checked in the statement that changes it cannot be overdrawn by two requests that
come at once:

\`\`\`sql
UPDATE accounts
SET held = held + :most
WHERE id = :account AND posted - held >= :most
RETURNING posted - held AS available;
\`\`\`

And the same for a list of numbers, in another language:

\`\`\`ts
/** The largest of some numbers; undefined if there are none. */
export function largest(numbers: readonly number[]): number | undefined {
  let found: number | undefined;
  for (const number of numbers) {
    if (found === undefined || number > found) found = number;
  }
  return found;
}
\`\`\`

## A list, and a list in it

1. Sign up.
2. Ask something.
   - Short questions are read quickly.
   - Long ones cost more, where what is read is counted.
3. Look at what it cost.

> A quotation may stand here too, with a [link](https://example.org/) and some \`code\` in it.

### Letters from elsewhere

Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. Съешь же ещё этих мягких
французских булок. 色は匂へど散りぬるを。 نص حكيم له سر قاطع. 👩‍🔬 🧮 ✨

---

That was all. *Ask again*, and it says the same.
`;
