# Addresses of 16,000 bytes and 100 headers, where Kore refuses
# 2,000 bytes and silently drops what comes after 23 headers.  101 lines with
# the request's own, and one place that Kore's splitter keeps for itself.
in 'include/kore/http.h';
replace qr/(?<=HTTP_URI_LEN\t\t)2000/, '16002';
replace qr/(?<=HTTP_REQ_HEADER_MAX\t)25/, '102';
