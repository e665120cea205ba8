"""
What Jinja, set up as transformers does it (utils/chat_template_utils.py), makes of chats by templates that use what real ones
do: writes chats.json, which chat-template.test.ts compares with.

    python3 chats.py    (with jinja2 3.1.6)
"""

import json
from datetime import datetime
from pathlib import Path

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime(2026, 1, 5, 15, 4, 9)
TEMPLATES = {
    # One line, as ChatML's.
    "line": "{% for message in messages %}{{'<s>' + message['role'] + '\n' + message['content'] + '</s>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<s>assistant\n' }}{% endif %}",
    # Blocks on lines of their own, which go with them.
    "lines": """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<u>
' + message['content'] + eos_token }}
  {% elif message['role'] == 'system' %}
{{ '<s>
' + message['content'] + eos_token }}
{% else %}
{{ '<a>
'  + message['content'] + eos_token }}
    {% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<a>' }}
{% endif %}
{% endfor %}
""",
    # The system's message apart, a date, tools that may not be there: as Llama 3.
    "header": """{{- bos_token }}
{%- if not date is defined %}
    {%- if strftime_now is defined %}
        {%- set date = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{#- What the system says stands first. -#}
{%- if messages[0]['role'] == 'system' %}
    {%- set system = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system = "" %}
{%- endif %}
{{- "[system]\\n\\nToday: " + date + "\\n" }}
{%- if tools is not none %}
    {%- for tool in tools %}
        {{- tool | tojson(indent=4) }}
    {%- endfor %}
{%- endif %}
{{- system ~ "[end]" }}
{%- for message in messages %}
    {%- if message.role == 'tool' or 'tool_calls' in message %}
        {{- "[tool]" ~ message.content | tojson }}
    {%- else %}
        {{- '[' + message['role'] + ']\\n\\n' + message['content'] | trim + '[end]' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '[assistant]\\n\\n' }}
{%- endif %}
""",
    # Turns that have to alternate, counted in a namespace: as Mistral.
    "alternating": """{%- if messages[0]["role"] == "system" %}
    {%- set system = messages[0]["content"] %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set rest = messages %}
{%- endif %}
{%- set users = rest | selectattr("role", "equalto", "user") | list %}
{%- set ns = namespace(index=0) %}
{%- for message in rest %}
    {%- if not (message.role == "tool" or (message.tool_calls is defined and message.tool_calls is not none)) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("Roles must alternate: user, assistant, user …") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in rest %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system is defined %}
            {{- "[I] " + system + "\\n\\n" + message["content"] + "[/I]" }}
        {%- else %}
            {{- "[I] " + message["content"] + "[/I]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"]|trim + eos_token}}
    {%- else %}
        {{- raise_exception("Only user and assistant, got " + message.role + " beside " ~ users|length) }}
    {%- endif %}
{%- endfor %}
""",
    # No system's message at all: as Gemma.
    "no-system": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}"
    "{% else %}{% set role = message['role'] %}{% endif %}{{ '<' + role + '>\n' + message['content'] | trim + '</>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{'<model>\n'}}{% endif %}",
    # Thoughts are left out of former turns: as Qwen 3 and DeepSeek.
    "thoughts": """{%- set ns = namespace(seeking=true, last=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.seeking and message.role == "user" and message.content is string and not(message.content.startswith('<r>') and message.content.endswith('</r>')) %}
        {%- set ns.seeking = false %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content if message.content is string else '' %}
    {%- if message.role == "assistant" %}
        {%- set thought = '' %}
        {%- if '</think>' in content %}
            {%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last %}
            {{- '<a>\\n<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<a>\\n' + content }}
        {%- endif %}
        {{- '</a>\\n' }}
    {%- else %}
        {{- '<' + message.role + '>\\n' + content.strip() + '</>\\n' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '.' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if enable_thinking is defined and enable_thinking is false %}
    {{- '<think>\\n\\n</think>\\n\\n' }}
{%- endif %}""",
    # Loop controls, a block for training, a macro.
    "loops": """{% for message in messages %}
  {% if message.role == 'system' %}
    {% continue %}
  {% endif %}
  {% if loop.index > 3 %}{% break %}{% endif %}
[{{ loop.index }}/{{ loop.length }}{{ ' first' if loop.first else '' }}] {{ message.role | upper }}:
  {% generation %}{{ message.content }}{% endgeneration %}

{% endfor %}
{%- macro say(who, what='nothing') -%}
<{{ who }}>{{ what }}</{{ who }}>
{%- endmacro %}
{{ say('a') }}{{ say('b', what='x' ~ 1) }}
{{ messages | map(attribute='role') | join(', ') }} {{ (messages | last).role }} {{ messages | length }}
{{ unk_token if unk_token is defined else 'none' }}{{ nothing_of_the_kind }}""",
    # JSON as Python writes it, lists and texts.
    "values": "{{ messages | tojson }}|{{ messages[0] | tojson(indent=2) }}|{{ {'b': 1, 'a': [1, 2.5, true, none, -3], 'é': '<&>'} | tojson }}"
    "|{{ 'a\nb' | tojson }}|{{ 7 // 2 }} {{ 7 / 2 }} {{ 7 % 3 }}|{{ 'abc'[1:] }}{{ 'abc'[-1] }}{{ 'abc'[::-1] }}"
    "|{{ 'a-b-c'.replace('-', '+') }}|{{ messages[0].get('nope', 'd') }}|{{ 'xxaxx'.strip('x') }}{{ 'abcba'.rstrip('ab') }}"
    "|{{ '' | default('z', true) }}|{% for key, value in messages[0].items() %}{{ key }}={{ value }};{% endfor %}",
    # Printed as Python prints.
    "printed": "{{ true }}{{ none }}{{ [] }}{{ messages | map(attribute='role') | list }}{{ {'a': none, 'b': [true, 1, 2.5, \"it's\"]} }}"
    "{{ ['q\"', '\\n\\\\'] }}{{ 'a' in 'abc' }}{{ messages[0].nope }}{{ ' x ' | trim }}{{ 'é\u2028\x1f' | trim }}.",
    # Saved on Windows.
    "crlf": "{% for message in messages %}\r\n{{ message.content }}\r\n{% endfor %}\r\nend",
    "dates": "{{ strftime_now('%A %a %B %b %d %-d %e %H:%M:%S %I %-I %p %j %m %y %Y %D %F %T 100%%') }}",
}
CHATS = {
    "one": [("user", "Hello, world")],
    "system": [("system", "  Be brief. "), ("user", " What is 1+1?\n")],
    "thoughts": [
        ("user", "a"),
        ("assistant", "<think>\nhm\n</think>\n\n b "),
        ("user", "<r>\nnaïve façade 東京 \U0001f600 \"q\" <b>&amp; \x85\x1c\ufeff"),
        ("assistant", "\n<think>\n\n so \n\n</think>\n\n\n c"),
    ],
    "many": [("system", "s")] + [(["user", "assistant"][i % 2], f"t{i} it's") for i in range(6)],
    "two-users": [("user", "a"), ("user", "b")],
    "tool": [("user", "a"), ("tool", '{"x": 1}')],
    "narrator": [("narrator", "")],
}


class Generation(Extension):
    """The block that marks what a model is trained on."""

    tags = {"generation"}

    def parse(self, parser: jinja2.parser.Parser) -> jinja2.nodes.CallBlock:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_same"), [], [], body).set_lineno(line)

    @jinja2.pass_eval_context
    def _same(self, _context, caller):
        return caller()


def refuse(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


jinja = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
jinja.filters["tojson"] = tojson
jinja.globals |= {"raise_exception": refuse, "strftime_now": NOW.strftime}
chats = {name: [{"role": role, "content": content} for role, content in chat] for name, chat in CHATS.items()}
values = {"tools": None, "documents": None, "add_generation_prompt": True, "bos_token": "<bos>", "eos_token": "<eos>"}
rows = []
for template, source in TEMPLATES.items():
    for chat, messages in chats.items():
        row = {"template": template, "chat": chat}
        try:
            rows.append(row | {"text": jinja.from_string(source).render(messages=messages, **values)})
        except jinja2.exceptions.TemplateError as error:
            rows.append(row | {"refusal": str(error)})
content = {"now": NOW.isoformat(), "templates": TEMPLATES, "chats": chats, "values": values, "rows": rows}
Path(__file__).with_suffix(".json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
