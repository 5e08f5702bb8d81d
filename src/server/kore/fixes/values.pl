# Empty header values, tabs and bytes above 126 are legal (RFC 9110 section
# 5.5) and appear in cookies of neighbours and in Referer; the guard has
# already judged every byte.
in 'src/http.c', 'http_validate_header';
replace qr/if \(\*p == '\\0'\)\n\t\treturn \(NULL\);\n\n\tvalue/, 'value';
replace qr/idx > HTTP_MAP_LIMIT(?=\)\n\t\t\treturn \(NULL\);\n\t\tif \()/,
    'idx == 0x7f';
replace 'http_field_content[idx] == 0x00',
    "idx < 0x7f && idx != '\\t' && http_field_content[idx] == 0x00";
in 'src/http.c', 'http_header_recv';
replace "*value == '\\0'", 'value == NULL';
