/*
 * Mustache: the language as it is known, told in our own cases, and the rules
 * of ours that a template must keep.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/web_html.h"
#include "web/web_template.h"
#include "web/web_url.h"

static const char *const	messages[] = { "Sign <in>", "Out" };

static int
message(const char *key, size_t len)
{
	if (len == 8 && memcmp(key, "login.in", 8) == 0)
		return (0);

	return (len == 3 && memcmp(key, "out", 3) == 0 ? 1 : -1);
}

static const char *
asset(const char *name, size_t len)
{
	return (len == 7 && memcmp(name, "app.css", 7) == 0 ?
	    "/assets/app.1.css" : NULL);
}

static const struct web_template_names	names = { message, asset };

/* Load "main" (and "part"), or NULL with the reason. */
static struct web_template_set *
load(const char *name, const char *text, const char *part_name,
    const char *part, char error[WEB_TEMPLATE_ERROR_MAX + 1])
{
	const struct web_template_source	sources[] = {
		{ name, text, strlen(text) },
		{ part_name, part, strlen(part) },
	};

	error[0] = '\0';
	return (web_template_set_new(sources, 2, &names, error));
}

/* ------------------------------------------------------------- language */

struct language_case {
	const char	*name;
	const char	*text;
	const char	*part;
	const char	*data;
	const char	*want;		/* NULL: an error */
};

static const struct language_case	language[] = {
	/* values */
	{ "nothing to do", "Plain {text}", "", "{}", "Plain {text}" },
	{ "a value", "Hi {{name}}!", "", "{\"name\":\"Ada\"}", "Hi Ada!" },
	{ "blanks in a tag", "{{ name }}|{{\tname\n}}", "",
	    "{\"name\":\"x\"}", "x|x" },
	{ "escaped", "{{a}}", "", "{\"a\":\"<\\\"&>'\"}",
	    "&lt;&quot;&amp;&gt;'" },
	{ "three braces", "{{{a}}}", "", "{\"a\":\"<&>\"}", "<&>" },
	{ "ampersand", "{{&a}} {{& a }}", "", "{\"a\":\"<\"}", "< <" },
	{ "a number", "{{n}}", "", "{\"n\":-85}", "-85" },
	{ "a path", "{{a.b.c}}", "", "{\"a\":{\"b\":{\"c\":\"x\"}}}", "x" },
	{ "not a text: null", "{{a}}", "", "{\"a\":null}", NULL },
	{ "not a text: true", "{{a}}", "", "{\"a\":true}", NULL },
	{ "not a text: real", "{{a}}", "", "{\"a\":1.5}", NULL },
	{ "not a text: list", "{{a}}", "", "{\"a\":[]}", NULL },
	{ "missing", "{{a}}", "", "{}", NULL },
	{ "missing in a path", "{{a.b}}", "", "{\"a\":{}}", NULL },
	{ "a value keeps its line", "  {{a}}\n", "", "{\"a\":\"x\"}",
	    "  x\n" },

	/* sections */
	{ "true", "[{{#a}}yes{{/a}}]", "", "{\"a\":true}", "[yes]" },
	{ "false", "[{{#a}}yes{{/a}}]", "", "{\"a\":false}", "[]" },
	{ "null", "[{{#a}}yes{{/a}}]", "", "{\"a\":null}", "[]" },
	{ "empty list", "[{{#a}}yes{{/a}}]", "", "{\"a\":[]}", "[]" },
	{ "empty text", "[{{#a}}yes{{/a}}]", "", "{\"a\":\"\"}", "[]" },
	{ "a number is no condition", "{{#a}}yes{{/a}}", "", "{\"a\":1}",
	    NULL },
	{ "a missing condition", "{{#a}}yes{{/a}}", "", "{}", NULL },
	{ "a missing inverted condition", "{{^a}}yes{{/a}}", "", "{}", NULL },
	{ "an object", "{{#p}}{{n}}{{/p}}", "", "{\"p\":{\"n\":\"x\"}}",
	    "x" },
	{ "an empty object is something", "[{{#p}}x{{/p}}]", "",
	    "{\"p\":{}}", "[x]" },
	{ "a list", "{{#l}}<{{n}}>{{/l}}", "",
	    "{\"l\":[{\"n\":1},{\"n\":2}]}", "<1><2>" },
	{ "the item itself", "{{#l}}{{.}},{{/l}}", "",
	    "{\"l\":[\"a\",7]}", "a,7," },
	{ "the item itself, escaped or not", "{{#l}}{{.}}{{{.}}}{{/l}}", "",
	    "{\"l\":[\"<\"]}", "&lt;<" },
	{ "lists in lists", "{{#l}}({{#.}}{{.}}{{/.}}){{/l}}", "",
	    "{\"l\":[[1,2],[3]]}", "(12)(3)" },
	{ "a text is its own item, names stay", "{{#t}}{{n}}:{{.}}{{/t}}", "",
	    "{\"t\":\"x\",\"n\":\"y\"}", "y:x" },
	{ "inverted: false", "{{^a}}no{{/a}}", "", "{\"a\":false}", "no" },
	{ "inverted: empty list", "{{^a}}no{{/a}}", "", "{\"a\":[]}", "no" },
	{ "inverted: true", "[{{^a}}no{{/a}}]", "", "{\"a\":true}", "[]" },
	{ "inverted: list", "[{{^a}}no{{/a}}]", "", "{\"a\":[1]}", "[]" },
	{ "same name inside", "{{#a}}1{{#a}}2{{/a}}3{{/a}}", "",
	    "{\"a\":true}", "123" },
	{ "a path as a condition", "{{#a.b}}x{{/a.b}}", "",
	    "{\"a\":{\"b\":true}}", "x" },

	/* look-up does not climb */
	{ "the outer item is not asked", "{{#p}}{{n}}{{/p}}", "",
	    "{\"p\":{},\"n\":\"x\"}", NULL },
	{ "a full path is", "{{#p}}{{o.n}}{{/p}}", "",
	    "{\"p\":{},\"o\":{\"n\":\"x\"}}", "x" },
	{ "the current item comes first", "{{#p}}{{o.n}}{{/p}}", "",
	    "{\"p\":{\"o\":{\"n\":\"in\"}},\"o\":{\"n\":\"out\"}}", "in" },
	{ "only the root has full paths", "{{#a}}{{#b}}{{c.d}}{{/b}}{{/a}}",
	    "", "{\"a\":{\"b\":{},\"c\":{\"d\":\"x\"}}}", NULL },

	/* lines */
	{ "a section's lines go", "| a\n{{#t}}\n| b\n{{/t}}\n| c", "",
	    "{\"t\":true}", "| a\n| b\n| c" },
	{ "indented", "| a\n  {{#t}}  \n| b\n\t{{/t}}\n", "",
	    "{\"t\":true}", "| a\n| b\n" },
	{ "on the last line", "| a\n{{#t}}\n{{/t}}", "", "{\"t\":true}",
	    "| a\n" },
	{ "carriage returns", "|\r\n{{#t}}\r\n{{/t}}\r\n|", "",
	    "{\"t\":true}", "|\r\n|" },
	{ "beside text they stay", " {{#t}}x{{/t}}\n", "", "{\"t\":true}",
	    " x\n" },
	{ "two tags on a line stay", "{{#t}}{{/t}}\n|", "", "{\"t\":true}",
	    "\n|" },
	{ "a comment", "a{{! no\n matter }}b", "", "{}", "ab" },
	{ "a comment's line goes", "a\n  {{! x }}\nb", "", "{}", "a\nb" },
	{ "a comment of lines goes", "a\n{{!\n  x\n}}\nb", "", "{}", "a\nb" },

	/* parts */
	{ "a part", "[{{>part.txt}}]", "x", "{}", "[x]" },
	{ "a part sees the item", "{{#p}}{{>part.txt}}{{/p}}", "{{n}}",
	    "{\"p\":{\"n\":\"x\"}}", "x" },
	{ "a part is indented", "a\n  {{>part.txt}}\nb", "|\n{{n}}\n|\n",
	    "{\"n\":\"1\\n2\"}", "a\n  |\n  1\n2\n  |\nb" },
	{ "a part beside text is not", "  x{{>part.txt}}\n", ">\n>", "{}",
	    "  x>\n>\n" },
	{ "a part that is not there", "{{>other.txt}}", "", "{}", NULL },
	{ "a part of itself", "{{>part.txt}}", "{{>part.txt}}", "{}", NULL },

	/* inheritance */
	{ "a block's own content", "{{$b}}own{{/b}}", "", "{}", "own" },
	{ "a parent as it is", "{{<part.txt}}{{/part.txt}}",
	    "[{{$b}}own{{/b}}]", "{}", "[own]" },
	{ "a block replaced", "{{<part.txt}}{{$b}}new{{/b}}{{/part.txt}}",
	    "[{{$b}}own{{/b}}]", "{}", "[new]" },
	{ "both places of a block",
	    "{{<part.txt}}{{$b}}new{{/b}}{{/part.txt}}",
	    "{{$b}}1{{/b}}{{$b}}2{{/b}}", "{}", "newnew" },
	{ "another block is left", "{{<part.txt}}{{$b}}new{{/b}}{{/part.txt}}",
	    "{{$a}}a{{/a}}{{$b}}b{{/b}}", "{}", "anew" },
	{ "values in a block", "{{<part.txt}}{{$b}}{{n}}{{/b}}{{/part.txt}}",
	    "{{$b}}{{/b}}", "{\"n\":\"x\"}", "x" },
	{ "a block in a list sees the item",
	    "{{<part.txt}}{{$b}}{{n}}{{/b}}{{/part.txt}}",
	    "{{#l}}{{$b}}{{/b}}{{/l}}", "{\"l\":[{\"n\":1},{\"n\":2}]}",
	    "12" },
	{ "text beside the blocks is not printed",
	    "{{<part.txt}} a {{$b}}new{{/b}} b {{/part.txt}}",
	    "[{{$b}}own{{/b}}]", "{}", "[new]" },
	{ "a value beside the blocks",
	    "{{<part.txt}}{{n}}{{$b}}new{{/b}}{{/part.txt}}", "", "{}", NULL },
	{ "a block of a block", "{{<part.txt}}{{$in}}new{{/in}}{{/part.txt}}",
	    "{{$out}}[{{$in}}own{{/in}}]{{/out}}", "{}", "[new]" },
	{ "blocks do not reach into parts of the page",
	    "{{$b}}page{{/b}}{{>part.txt}}", "{{$b}}part{{/b}}", "{}",
	    "pagepart" },

	/* messages; no lambdas, no other braces */
	{ "a message", "{{m.login.in}} {{{m.login.in}}}", "", "{}",
	    "Sign &lt;in&gt; Sign <in>" },
	{ "no such message", "{{m.login.up}}", "", "{}", NULL },
	{ "other delimiters", "{{=<% %>=}}", "", "{}", NULL },
	{ "never closed", "{{#a}}", "", "{\"a\":true}", NULL },
	{ "closed and never open", "{{/a}}", "", "{}", NULL },
	{ "closed by another name", "{{#a}}{{/b}}", "", "{\"a\":true}", NULL },
	{ "closed in the wrong order", "{{#a}}{{#b}}{{/a}}{{/b}}", "",
	    "{\"a\":true,\"b\":true}", NULL },
	{ "half a tag", "{{a", "", "{\"a\":\"x\"}", NULL },
	{ "half of three braces", "{{{a}}", "", "{\"a\":\"x\"}", NULL },
	{ "no name", "{{}}", "", "{}", NULL },
	{ "a name with a space", "{{a b}}", "", "{\"a b\":\"x\"}", NULL },
	{ "dots for nothing", "{{a..b}}", "", "{\"a\":{\"\":{\"b\":\"x\"}}}",
	    NULL },
};

static void
test_web_template_language(void **state)
{
	bool			 ok;
	char			 error[WEB_TEMPLATE_ERROR_MAX + 1];
	const struct language_case *c;
	json_t			*data;
	struct base_buffer	 out;
	struct web_template_set	*set;

	(void)state;
	for (size_t i = 0; i < sizeof(language) / sizeof(language[0]); i++) {
		c = &language[i];
		data = json_loads(c->data, 0, NULL);
		assert_non_null(data);
		base_buffer_init(&out, 4096);
		set = load("main.txt", c->text, "part.txt", c->part, error);
		ok = set != NULL && web_template_render(set, "main.txt",
		    messages, data, &out, error);

		if (c->want == NULL) {
			if (ok || error[0] == '\0')
				fail_msg("%s: no error", c->name);
		} else if (!ok) {
			fail_msg("%s: %s", c->name, error);
		} else if (strcmp(base_buffer_finish(&out), c->want) != 0) {
			fail_msg("%s: \"%s\"", c->name,
			    base_buffer_finish(&out));
		}

		base_buffer_clear(&out);
		web_template_set_free(set);
		json_decref(data);
	}
}

/* The outermost of three gives the block; its parents may still change it. */
static void
test_web_template_grandparent(void **state)
{
	static const char	child[] =
	    "{{<parent.txt}}{{$a}}c{{/a}}{{/parent.txt}}";
	static const char	parent[] =
	    "{{<old.txt}}{{$a}}p{{/a}}{{$b}}p{{/b}}{{/old.txt}}";
	static const char	old[] =
	    "{{$a}}o{{/a}}{{$b}}o{{/b}}{{$c}}o{{/c}}";
	static const struct web_template_source	sources[] = {
		{ "child.txt", child, sizeof(child) - 1 },
		{ "parent.txt", parent, sizeof(parent) - 1 },
		{ "old.txt", old, sizeof(old) - 1 },
	};
	char			 error[WEB_TEMPLATE_ERROR_MAX + 1];
	json_t			*data = json_object();
	struct base_buffer	 out;
	struct web_template_set	*set;

	(void)state;
	base_buffer_init(&out, 4096);
	set = web_template_set_new(sources, 3, &names, error);
	if (set == NULL)
		fail_msg("%s", error);
	assert_true(web_template_render(set, "child.txt", messages, data, &out,
	    error));
	assert_string_equal(base_buffer_finish(&out), "cpo");
	base_buffer_clear(&out);
	web_template_set_free(set);
	json_decref(data);
}

/* ---------------------------------------------------------------- rules */

/* One good page; each case puts one thing into its middle. */
static const char	before[] = "<!doctype html>\n<html lang=\"{{lang}}\">\n"
	"<body class=\"a b\">\n";
static const char	after[] = "\n</body>\n</html>\n";

static const struct {
	const char	*name;
	const char	*middle;
	bool		 good;
} rules[] = {
	{ "an element", "<p class=\"x\">{{t}}</p>", true },
	{ "a void element", "<input name=\"a\" required><br>", true },
	{ "a drawing", "<svg viewBox=\"0 0 9 9\"><path d=\"M1 1h1\"/></svg>",
	    true },
	{ "marks between values", "{{t}} \xc2\xb7 {{t}} \xe2\x80\x93 1.", true },
	{ "an entity", "&nbsp;&#160;", true },
	{ "a message in text", "<b>{{m.out}}</b>", true },
	{ "a message in an attribute", "<p title=\"{{m.out}}\"></p>", true },
	{ "an optional attribute", "<p{{#t}} hidden{{/t}}></p>", true },
	{ "an optional attribute among others",
	    "<p id=\"a\" {{#t}} lang=\"{{lang}}\"{{/t}} class=\"b\"></p>",
	    true },
	{ "part of an attribute", "<p class=\"a{{#t}} b{{/t}}\"></p>", true },
	{ "a path of ours", "<a href=\"/login\">{{t}}</a>", true },
	{ "a fragment", "<a href=\"#x-{{t}}\">{{t}}</a>", true },
	{ "an empty address", "<a href=\"\">{{t}}</a>", true },
	{ "an address value", "<a href=\"{{url}}\">{{t}}</a>", true },
	{ "an asset", "<link rel=\"x\" href=\"{{asset.app.css}}\">", true },
	{ "a script of its own",
	    "<script type=\"module\" src=\"/a.js\"></script>", true },
	{ "markup", "<p>{{{html}}}</p>", true },
	{ "a part in place", "<p>{{>part}}</p>", true },
	{ "a comment of ours", "{{! <p> }}", true },

	{ "a word", "<p>Hello</p>", false },
	{ "a word of another script", "<p>\xe5\xa5\xbd</p>", false },
	{ "a word people read", "<p title=\"Hi\"></p>", false },
	{ "a word behind an image", "<img src=\"/a.png\" alt=\"Ada\">", false },
	{ "a label read out", "<p aria-label=\"Close\"></p>", false },
	{ "no quotes", "<p class={{t}}></p>", false },
	{ "no quotes, literal", "<p class=a></p>", false },
	{ "single quotes", "<p class='a'></p>", false },
	{ "a value as an attribute", "<p {{t}}></p>", false },
	{ "a value as a name", "<p {{t}}=\"a\"></p>", false },
	{ "a value as an element", "<{{t}}></{{t}}>", false },
	{ "a quote never closed", "<p class=\"a></p>", false },
	{ "a missing space", "<p id=\"a\"class=\"b\"></p>", false },
	{ "a handler", "<p onclick=\"x\"></p>", false },
	{ "a style", "<p style=\"color:red\"></p>", false },
	{ "a style element", "<style></style>", false },
	{ "a script inside", "<script src=\"/a.js\">x()</script>", false },
	{ "a script without a file", "<script></script>", false },
	{ "a value in a script", "<script src=\"/a.js\">{{t}}</script>",
	    false },
	{ "a frame", "<iframe src=\"/a\"></iframe>", false },
	{ "a base", "<base href=\"/\">", false },
	{ "a document in an attribute", "<p srcdoc=\"a\"></p>", false },
	{ "a scheme", "<a href=\"javascript:1\">{{t}}</a>", false },
	{ "another site", "<a href=\"https://example.org/\">{{t}}</a>",
	    false },
	{ "another site without scheme", "<a href=\"//example.org\">{{t}}</a>",
	    false },
	{ "an address of pieces", "<a href=\"/a/{{url}}\">{{t}}</a>", false },
	{ "an address and more", "<a href=\"{{url}}?x\">{{t}}</a>", false },
	{ "two addresses", "<a href=\"{{url}}{{url}}\">{{t}}</a>", false },
	{ "a section in an address",
	    "<a href=\"{{#t}}{{url}}{{/t}}\">{{t}}</a>", false },
	{ "a message as an address", "<a href=\"{{m.out}}\">{{t}}</a>",
	    false },
	{ "markup in an attribute", "<p class=\"{{{html}}}\"></p>", false },
	{ "a raw message", "<p>{{{m.out}}}</p>", false },
	{ "a comment of HTML", "<!-- x -->", false },
	{ "never closed", "<p>", false },
	{ "never opened", "</p>", false },
	{ "closed in the wrong order", "<b><i></b></i>", false },
	{ "half an element in a section", "{{#t}}<p>{{/t}}</p>", false },
	{ "an element closed in a section", "<p>{{#t}}</p>{{/t}}", false },
	{ "closed and opened in a section", "<p>{{#t}}</p><p>{{/t}}</p>",
	    false },
	{ "a tag left in a section", "<p {{#t}}><p {{/t}}></p></p>", false },
	{ "a quote left in a section",
	    "<p class=\"{{#t}}\" id=\"{{/t}}\"></p>", false },
	{ "a part in an attribute", "<p class=\"{{>part}}\"></p>", false },
	{ "a bare ampersand", "a & b", false },
	{ "half an entity", "<p>&amp{{t}}</p>", false },
	{ "a drawing's end elsewhere", "<div/>", false },
	{ "an unknown asset", "<link href=\"{{asset.no.css}}\">", false },
	{ "a value in a content attribute", "<meta content=\"{{t}}\">",
	    false },
	{ "a word in a parent", "{{<part}}hi{{/part}}", false },
};

static void
test_web_template_rules(void **state)
{
	char			 error[WEB_TEMPLATE_ERROR_MAX + 1];
	char			 text[1024];
	struct web_template_set	*set;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s%s%s", before,
		    rules[i].middle, after);
		set = load("main", text, "part", "<b>{{t}}</b>", error);
		if ((set != NULL) != rules[i].good)
			fail_msg("%s: %s", rules[i].name,
			    set != NULL ? "was taken" : error);
		if (set == NULL && strstr(error, "main:4: ") == NULL &&
		    strstr(error, "main:5: ") == NULL &&
		    strstr(error, "main:6: ") == NULL)
			fail_msg("%s: no file and line: %s", rules[i].name,
			    error);
		web_template_set_free(set);
	}
}

/* What only the values can break. */
static void
test_web_template_values(void **state)
{
	static const char	text[] = "<a href=\"{{u}}\">{{{h}}}</a>\n";
	char			 error[WEB_TEMPLATE_ERROR_MAX + 1];
	json_t			*data;
	struct base_buffer	 out;
	struct web_template_set	*set;

	(void)state;
	set = load("main", text, "part", "", error);
	assert_non_null(set);

	base_buffer_init(&out, 4096);
	data = json_pack("{s:o, s:o}", "u", web_url_query("/a", { "b", "c&" }),
	    "h", web_html_time(0));
	assert_true(web_template_render(set, "main", messages, data, &out,
	    error));
	assert_string_equal(base_buffer_finish(&out), "<a href=\"/a?b=c%26\">"
	    "<time datetime=\"1970-01-01T00:00:00Z\">1970-01-01 00:00 UTC"
	    "</time></a>\n");

	(void)json_object_set_new(data, "u", json_string("/a"));
	assert_false(web_template_render(set, "main", messages, data, &out,
	    error));
	(void)json_object_set_new(data, "u", web_html_time(0));
	assert_false(web_template_render(set, "main", messages, data, &out,
	    error));
	(void)json_object_set_new(data, "u", web_url_path("/a"));
	(void)json_object_set_new(data, "h", web_url_path("/a"));
	assert_false(web_template_render(set, "main", messages, data, &out,
	    error));
	(void)json_object_set_new(data, "h", json_string("<b>"));
	assert_false(web_template_render(set, "main", messages, data, &out,
	    error));
	assert_non_null(strstr(error, "main:1: \"h\""));
	assert_false(web_template_render(set, "none", messages, data, &out,
	    error));
	web_template_set_free(set);

	/* Markup where text belongs: neither printed nor escaped. */
	(void)json_object_set_new(data, "h", web_html_time(0));
	set = load("main", "<p>{{h}}</p>", "part", "", error);
	assert_non_null(set);
	assert_false(web_template_render(set, "main", messages, data, &out,
	    error));

	json_decref(data);
	base_buffer_clear(&out);
	web_template_set_free(set);
}

/* Deep sections end with an error, not with the stack. */
static void
test_web_template_deep(void **state)
{
	char			 error[WEB_TEMPLATE_ERROR_MAX + 1];
	char			 text[60 * 14 + 1] = "";
	struct web_template_set	*set;

	(void)state;
	for (size_t i = 0; i < 60; i++)
		memcpy(text + i * 6, "{{#a}}", 6);
	for (size_t i = 0; i < 60; i++)
		memcpy(text + (60 + i) * 6, "{{/a}}", 6);
	set = load("main.txt", text, "part.txt", "", error);
	assert_null(set);
	assert_non_null(strstr(error, "nested"));
}

/* A page that grows past its buffer is an error, and soon. */
static void
test_web_template_large(void **state)
{
	char			 error[WEB_TEMPLATE_ERROR_MAX + 1];
	char			 text[20 * 12 + 16] = "";
	json_t			*data = json_pack("{s:[s, s]}", "l", "a", "b");
	struct base_buffer	 out;
	struct web_template_set	*set;

	(void)state;
	for (size_t i = 0; i < 20; i++)
		memcpy(text + i * 6, "{{#l}}", 6);
	text[20 * 6] = 'x';
	for (size_t i = 0; i < 20; i++)
		memcpy(text + 20 * 6 + 1 + i * 6, "{{/l}}", 6);
	set = load("main.txt", text, "part.txt", "", error);
	assert_non_null(set);

	base_buffer_init(&out, 100);
	assert_false(web_template_render(set, "main.txt", messages, data, &out,
	    error));
	assert_non_null(strstr(error, "too large"));
	base_buffer_clear(&out);
	web_template_set_free(set);
	json_decref(data);
}

/* --------------------------------------------------------- marked values */

static void
test_web_template_addresses(void **state)
{
	static const char *const	bad_path[] = { "", "a", "//a", "/\\a",
	    "/a\nb", "/a\"b", "/a b", "/\xc3\xa4", "https://a/" };
	static const char *const	bad_redirect[] = { "", "/a", "//a",
	    "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x",
	    "vbscript:x", "file:///etc/passwd", "blob:https://a/b",
	    "https://a/\"", "https://a/<", "https://a/\r\nx", " https://a/",
	    "1https://a/", ":x", "java\tscript:x" };
	json_t				*value, *foreign;

	(void)state;
	for (size_t i = 0; i < sizeof(bad_path) / sizeof(bad_path[0]); i++) {
		if (web_url_path(bad_path[i]) != NULL)
			fail_msg("taken: %s", bad_path[i]);
	}
	for (size_t i = 0; i < sizeof(bad_redirect) / sizeof(bad_redirect[0]);
	    i++) {
		if (web_url_redirect(bad_redirect[i]) != NULL)
			fail_msg("taken: %s", bad_redirect[i]);
	}
	assert_null(web_url_external("com.example.app:/cb"));
	assert_null(web_url_external("javascript://a/%0aalert(1)"));

	value = web_url_redirect("com.example.app:/cb?code=a&state=b");
	assert_string_equal(web_url_read(value),
	    "com.example.app:/cb?code=a&state=b");
	assert_null(web_html_read(value));
	/* It never leaves as JSON, and foreign JSON never becomes one. */
	assert_null(json_dumps(value, 0));
	json_decref(value);
	assert_null(json_loads("[\"\xffu/a\"]", 0, NULL));
	assert_null(json_string("\xffu/a"));
	foreign = json_loads("[\"\\u00ffu/a\"]", 0, NULL);
	assert_null(web_url_read(json_array_get(foreign, 0)));
	json_decref(foreign);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_template_language),
		cmocka_unit_test(test_web_template_grandparent),
		cmocka_unit_test(test_web_template_rules),
		cmocka_unit_test(test_web_template_values),
		cmocka_unit_test(test_web_template_deep),
		cmocka_unit_test(test_web_template_large),
		cmocka_unit_test(test_web_template_addresses),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
