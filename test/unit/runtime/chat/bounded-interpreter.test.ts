import { expect, test } from "vitest";
import { parseTemplate } from "../../../../runtime/chat/chat-template.ts";

/** A template whose `s` is a text or list put together with itself so many times. */
const grown = (first: string, add: string, times: number, print: string) =>
  `{% set ns = namespace(s=${first}) %}{% for i in range(${times}) %}{% set ns.s = ${add} %}{% endfor %}${print}`;
const twice = "ns.s ~ ns.s";
const loops = (count: number) =>
  Array.from({ length: count }, (_, i) => `{% for v${i} in range(99999) %}`).join("") +
  `x${"{% endfor %}".repeat(count)}`;

test.each([
  ["{% for i in range(20000000) %}x{% endfor %}", "it has a range of more than 100000"],
  [loops(2), "it makes more than"],
  [loops(30), "it makes more than"],
  [
    `{% for i in range(30000) %}${"{% if i %}{% endif %}".repeat(100)}{% endfor %}`,
    "it takes more than 4000000 steps",
  ],
  [grown("'ab'", twice, 64, "{{ ns.s }}"), "it makes a value of more than 4194304 characters"],
  [grown("['ab']", "[ns.s, ns.s]", 64, "{{ ns.s }}"), "it makes a value of more than 4194304 characters"],
  [grown("['ab']", "[ns.s, ns.s]", 64, "{{ ns.s | tojson }}"), "it makes a value of more than"],
  [grown("[1]", "ns.s + ns.s", 64, ""), "it makes "],
  [grown("'a'", twice, 15, "{{ ns.s.replace('a', ns.s) | length }}"), "its replace makes more than"],
  [grown("'a'", twice, 15, "{{ ns.s | replace('a', ns.s) | length }}"), "its replace makes more than"],
  [grown("'a'", twice, 14, "{{ range(20000) | join(ns.s) | length }}"), "its join makes more than"],
  [
    grown("'\\n'", twice, 14, "{{ ns.s | indent(20000, true, true) | length }}"),
    "its indent makes more than",
  ],
  ["{{ [[1]] | tojson(indent=100000000) }}", "its tojson makes more than"],
])("a template that does too much ends with an error, %#", (template, says) => {
  expect(() => parseTemplate(template)({})).toThrow(
    expect.objectContaining({ name: "TemplateTooCostly", message: expect.stringContaining(says) }),
  );
});

test("calls without an end are an error of the engine", () => {
  const calls = "{% macro f(g) %}{{ g(g) }}{% endmacro %}{{ f(f) }}";
  expect(() => parseTemplate(calls)({})).toThrow(RangeError);
});

test("what is called between steps may end it", () => {
  const between = () => {
    throw new Error("late");
  };
  expect(() => parseTemplate("{% for i in range(1000) %}x{% endfor %}")({}, between)).toThrow("late");
});

test("a long chat is within the bounds", () => {
  const messages = Array.from({ length: 20_000 }, (_, i) => ({
    role: "user",
    content: `${i} a\n b`.repeat(4),
  }));
  const template =
    "{% for m in messages %}{% if m.role == 'user' %}{{ m.content.replace('\\n', '\\n  ') | trim }}{% endif %}{% endfor %}";
  expect(parseTemplate(template)({ messages })).toMatch(/^0 a\n {3}b0 a/);
});
