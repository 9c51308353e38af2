package stix

// Names that other bodies register, which values of some properties come from.

// characterSets are the preferred names of the IANA character set registry, in
// lower case: the MIME name where there is one, else the name.
const characterSets = " " +
	"adobe-standard-encoding adobe-symbol-encoding amiga-1251 ansi_x3.110-1983 asmo_449 big5 big5-hkscs " +
	"bocu-1 brf bs_4730 bs_viewdata cesu-8 cp50220 cp51932 csa_z243.4-1985-1 csa_z243.4-1985-2 " +
	"csa_z243.4-1985-gr csn_369103 dec-mcs din_66003 dk-us ds_2089 ebcdic-at-de ebcdic-at-de-a " +
	"ebcdic-ca-fr ebcdic-dk-no ebcdic-dk-no-a ebcdic-es ebcdic-es-a ebcdic-es-s ebcdic-fi-se " +
	"ebcdic-fi-se-a ebcdic-fr ebcdic-it ebcdic-pt ebcdic-uk ebcdic-us ecma-cyrillic es es2 euc-jp euc-kr " +
	"extended_unix_code_fixed_width_for_japanese gb18030 gb2312 gb_1988-80 gb_2312-80 gbk gost_19768-74 " +
	"greek-ccitt greek7 greek7-old hp-desktop hp-legal hp-math8 hp-pi-font hp-roman8 hz-gb-2312 " +
	"ibm-symbols ibm-thai ibm00858 ibm00924 ibm01140 ibm01141 ibm01142 ibm01143 ibm01144 ibm01145 " +
	"ibm01146 ibm01147 ibm01148 ibm01149 ibm037 ibm038 ibm1026 ibm1047 ibm273 ibm274 ibm275 ibm277 ibm278 " +
	"ibm280 ibm281 ibm284 ibm285 ibm290 ibm297 ibm420 ibm423 ibm424 ibm437 ibm500 ibm775 ibm850 ibm851 " +
	"ibm852 ibm855 ibm857 ibm860 ibm861 ibm862 ibm863 ibm864 ibm865 ibm866 ibm868 ibm869 ibm870 ibm871 " +
	"ibm880 ibm891 ibm903 ibm904 ibm905 ibm918 iec_p27-1 inis inis-8 inis-cyrillic invariant " +
	"iso-10646-j-1 iso-10646-ucs-2 iso-10646-ucs-4 iso-10646-ucs-basic iso-10646-unicode-latin1 " +
	"iso-10646-utf-1 iso-11548-1 iso-2022-cn iso-2022-cn-ext iso-2022-jp iso-2022-jp-2 iso-2022-kr " +
	"iso-8859-1 iso-8859-1-windows-3.0-latin-1 iso-8859-1-windows-3.1-latin-1 iso-8859-10 iso-8859-13 " +
	"iso-8859-14 iso-8859-15 iso-8859-16 iso-8859-2 iso-8859-2-windows-latin-2 iso-8859-3 iso-8859-4 " +
	"iso-8859-5 iso-8859-6 iso-8859-6-e iso-8859-6-i iso-8859-7 iso-8859-8 iso-8859-8-e iso-8859-8-i " +
	"iso-8859-9 iso-8859-9-windows-latin-5 iso-ir-90 iso-unicode-ibm-1261 iso-unicode-ibm-1264 " +
	"iso-unicode-ibm-1265 iso-unicode-ibm-1268 iso-unicode-ibm-1276 iso_10367-box iso_2033-1983 iso_5427 " +
	"iso_5427:1981 iso_5428:1980 iso_646.basic:1983 iso_646.irv:1983 iso_6937-2-25 iso_6937-2-add " +
	"iso_8859-supp it jis_c6220-1969-jp jis_c6220-1969-ro jis_c6226-1978 jis_c6226-1983 jis_c6229-1984-a " +
	"jis_c6229-1984-b jis_c6229-1984-b-add jis_c6229-1984-hand jis_c6229-1984-hand-add " +
	"jis_c6229-1984-kana jis_encoding jis_x0201 jis_x0212-1990 jus_i.b1.002 jus_i.b1.003-mac " +
	"jus_i.b1.003-serb koi7-switched koi8-r koi8-u ks_c_5601-1987 ksc5636 kz-1048 latin-greek " +
	"latin-greek-1 latin-lap macintosh microsoft-publishing mnem mnemonic msz_7795.3 nats-dano " +
	"nats-dano-add nats-sefi nats-sefi-add nc_nc00-10:81 nf_z_62-010 nf_z_62-010_(1973) ns_4551-1 " +
	"ns_4551-2 osd_ebcdic_df03_irv osd_ebcdic_df04_1 osd_ebcdic_df04_15 pc8-danish-norwegian pc8-turkish " +
	"pt pt2 ptcp154 scsu sen_850200_b sen_850200_c shift_jis t.101-g2 t.61-7bit t.61-8bit tis-620 tscii " +
	"unicode-1-1 unicode-1-1-utf-7 unknown-8bit us-ascii us-dk utf-16 utf-16be utf-16le utf-32 utf-32be " +
	"utf-32le utf-7 utf-7-imap utf-8 ventura-international ventura-math ventura-us videotex-suppl viqr " +
	"viscii windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 " +
	"windows-1257 windows-1258 windows-31j windows-874 "

// countryCodes are the two-letter codes of ISO 3166-1.
const countryCodes = " AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR " +
	"BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH " +
	"ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID " +
	"IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY " +
	"MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ " +
	"OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO " +
	"SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN " +
	"VU WF WS YE YT ZA ZM ZW "

// pdfInfoKeys are the entries of a PDF document information dictionary
// (ISO 32000-1, table 317).
var pdfInfoKeys = []string{
	"Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate", "Trapped",
}

// httpRequestHeaders are the header fields that HTTP clients send.
var httpRequestHeaders = []string{
	"A-IM", "Accept", "Accept-Charset", "Accept-Datetime", "Accept-Encoding", "Accept-Language",
	"Access-Control-Request-Headers", "Access-Control-Request-Method", "Authorization", "Cache-Control",
	"Connection", "Content-Encoding", "Content-Length", "Content-MD5", "Content-Type", "Cookie", "DNT", "Date",
	"Expect", "Forwarded", "From", "Front-End-Https", "HTTP2-Settings", "Host", "If-Match", "If-Modified-Since",
	"If-None-Match", "If-Range", "If-Unmodified-Since", "Keep-Alive", "Max-Forwards", "Origin", "Pragma", "Prefer",
	"Proxy-Authorization", "Proxy-Connection", "Range", "Referer", "Save-Data", "Sec-CH-UA", "Sec-CH-UA-Mobile",
	"Sec-CH-UA-Platform", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "TE", "Trailer",
	"Transfer-Encoding", "Upgrade", "Upgrade-Insecure-Requests", "User-Agent", "Via", "Warning", "X-ATT-DeviceId",
	"X-Correlation-ID", "X-Csrf-Token", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
	"X-Http-Method-Override", "X-Request-ID", "X-Requested-With", "X-UIDH", "X-Wap-Profile", "X-XSRF-TOKEN",
}

// socketOptions are the names that POSIX, Linux and Windows give them.
var socketOptions = []string{
	"SO_ACCEPTCONN", "SO_ATTACH_FILTER", "SO_BINDTODEVICE", "SO_BROADCAST", "SO_BSDCOMPAT", "SO_BSP_STATE",
	"SO_BUSY_POLL", "SO_CONDITIONAL_ACCEPT", "SO_CONFIRM_NAME", "SO_CONNDATA", "SO_CONNDATALEN", "SO_CONNECT_TIME",
	"SO_CONNOPT", "SO_CONNOPTLEN", "SO_DEBUG", "SO_DEREGISTER_NAME", "SO_DETACH_FILTER", "SO_DISCDATA",
	"SO_DISCDATALEN", "SO_DISCOPT", "SO_DISCOPTLEN", "SO_DOMAIN", "SO_DONTLINGER", "SO_DONTROUTE", "SO_ERROR",
	"SO_EXCLUSIVEADDRUSE", "SO_GETLOCALZONES", "SO_GETNETINFO", "SO_GROUP_ID", "SO_GROUP_PRIORITY",
	"SO_INCOMING_CPU", "SO_KEEPALIVE", "SO_LINGER", "SO_LOCK_FILTER", "SO_LOOKUP_MYZONE", "SO_LOOKUP_NETDEF_ON_ADAPTER",
	"SO_LOOKUP_ZONES", "SO_LOOKUP_ZONES_ON_ADAPTER", "SO_MARK", "SO_MAXDG", "SO_MAXPATHDG", "SO_MAX_MSG_SIZE",
	"SO_OOBINLINE", "SO_OPENTYPE", "SO_PAP_GET_SERVER_STATUS", "SO_PAP_PRIME_READ", "SO_PAP_SET_SERVER_STATUS",
	"SO_PASSCRED", "SO_PAUSE_ACCEPT", "SO_PEEK_OFF", "SO_PEERCRED", "SO_PORT_SCALABILITY", "SO_PRIORITY",
	"SO_PROTOCOL", "SO_PROTOCOL_INFO", "SO_PROTOCOL_INFOA", "SO_PROTOCOL_INFOW", "SO_RANDOMIZE_PORT", "SO_RCVBUF",
	"SO_RCVBUFFORCE", "SO_RCVLOWAT", "SO_RCVTIMEO", "SO_REGISTER_NAME", "SO_REMOVE_NAME", "SO_REUSEADDR",
	"SO_REUSEPORT", "SO_REUSE_MULTICASTPORT", "SO_REUSE_UNICASTPORT", "SO_RXQ_OVFL", "SO_SNDBUF", "SO_SNDBUFFORCE",
	"SO_SNDLOWAT", "SO_SNDTIMEO", "SO_TIMESTAMP", "SO_TYPE", "SO_UPDATE_ACCEPT_CONTEXT",
	"SO_UPDATE_CONNECT_CONTEXT", "SO_USELOOPBACK",
	"ICMP_FILTER", "ICMP6_FILTER",
	"IP_ADD_IFLIST", "IP_ADD_MEMBERSHIP", "IP_ADD_SOURCE_MEMBERSHIP", "IP_BIND_ADDRESS_NO_PORT", "IP_BLOCK_SOURCE",
	"IP_DEL_IFLIST", "IP_DONTFRAGMENT", "IP_DROP_MEMBERSHIP", "IP_DROP_SOURCE_MEMBERSHIP", "IP_FREEBIND",
	"IP_GET_IFLIST", "IP_HDRINCL", "IP_IFLIST", "IP_MSFILTER", "IP_MTU", "IP_MTU_DISCOVER", "IP_MULTICAST_ALL",
	"IP_MULTICAST_IF", "IP_MULTICAST_LOOP", "IP_MULTICAST_TTL", "IP_NODEFRAG", "IP_OPTIONS",
	"IP_ORIGINAL_ARRIVAL_IF", "IP_PKTINFO", "IP_RECEIVE_BROADCAST", "IP_RECVDSTADDR", "IP_RECVERR", "IP_RECVIF",
	"IP_RECVOPTS", "IP_RECVORIGDSTADDR", "IP_RECVTOS", "IP_RECVTTL", "IP_RETOPTS", "IP_ROUTER_ALERT", "IP_TOS",
	"IP_TRANSPARENT", "IP_TTL", "IP_UNBLOCK_SOURCE", "IP_UNICAST_IF", "IP_WFP_REDIRECT_CONTEXT",
	"IP_WFP_REDIRECT_RECORDS",
	"IPV6_ADDRFORM", "IPV6_ADD_IFLIST", "IPV6_ADD_MEMBERSHIP", "IPV6_AUTHHDR", "IPV6_CHECKSUM", "IPV6_DEL_IFLIST",
	"IPV6_DONTFRAG", "IPV6_DROP_MEMBERSHIP", "IPV6_DSTOPTS", "IPV6_FLOWINFO", "IPV6_GET_IFLIST", "IPV6_HDRINCL",
	"IPV6_HOPLIMIT", "IPV6_HOPOPTS", "IPV6_IFLIST", "IPV6_JOIN_GROUP", "IPV6_LEAVE_GROUP", "IPV6_MTU",
	"IPV6_MTU_DISCOVER", "IPV6_MULTICAST_HOPS", "IPV6_MULTICAST_IF", "IPV6_MULTICAST_LOOP", "IPV6_PKTINFO",
	"IPV6_PROTECTION_LEVEL", "IPV6_RECVERR", "IPV6_RECVIF", "IPV6_RECVPKTINFO", "IPV6_ROUTER_ALERT", "IPV6_RTHDR",
	"IPV6_UNICAST_HOPS", "IPV6_UNICAST_IF", "IPV6_V6ONLY",
	"MCAST_BLOCK_SOURCE", "MCAST_EXCLUDE", "MCAST_INCLUDE", "MCAST_JOIN_GROUP", "MCAST_JOIN_SOURCE_GROUP",
	"MCAST_LEAVE_GROUP", "MCAST_LEAVE_SOURCE_GROUP", "MCAST_MSFILTER", "MCAST_UNBLOCK_SOURCE",
	"TCP_BSDURGENT", "TCP_CONGESTION", "TCP_CORK", "TCP_DEFER_ACCEPT", "TCP_EXPEDITED_1122", "TCP_FASTOPEN",
	"TCP_INFO", "TCP_KEEPCNT", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_LINGER2", "TCP_MAXRT", "TCP_MAXSEG", "TCP_MD5SIG",
	"TCP_NODELAY", "TCP_QUICKACK", "TCP_SYNCNT", "TCP_TIMESTAMPS", "TCP_USER_TIMEOUT", "TCP_WINDOW_CLAMP",
	"IRLMP_9WIRE_MODE", "IRLMP_DISCOVERY_MODE", "IRLMP_ENUMDEVICES", "IRLMP_EXCLUSIVE_MODE", "IRLMP_IAS_QUERY",
	"IRLMP_IAS_SET", "IRLMP_IRLPT_MODE", "IRLMP_PARAMETERS", "IRLMP_SEND_PDU_LEN", "IRLMP_SHARP_MODE",
	"IRLMP_TINYTP_MODE",
}
