#!/bin/sh
# Prints what halint reads of a load balancer, as a tar.gz: its files below /etc, what of /usr changes their meaning, the
# scripts that keepalived runs, and what the kernel and systemd say, named as in a sos report. Run on the node, as root:
#
#     ssh root@lb1 sh -s < scripts/collect.sh > lb1.tar.gz
#
# or, with a file to write to as its argument. Private keys and certificates stay where they are. Nothing is changed,
# and nothing is left behind.
set -u
umask 077
[ $# -eq 0 ] || exec >"$1" || exit 1
set --
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/sos_commands" || exit 1

# say FILE COMMAND...: the output of a command that is there and answers.
say() {
    file=$work/sos_commands/$1
    shift
    command -v "$1" >/dev/null 2>&1 || return 0
    mkdir -p "${file%/*}"
    LC_ALL=C "$@" >"$file" 2>/dev/null </dev/null || rm -f "$file"
}

say networking/ip_-o_addr ip -o addr
say networking/ss_-lntup ss -lntup
say kernel/sysctl_-a sysctl -a
say firewall_tables/nft_list_ruleset nft list ruleset
say firewall_tables/iptables-save iptables-save
say firewall_tables/ip6tables-save ip6tables-save
say firewall_tables/ipset_list ipset list
say firewalld/firewall-cmd_--list-all-zones firewall-cmd --list-all-zones
say firewalld/firewall-cmd_--list-all-policies firewall-cmd --list-all-policies
say firewalld/firewall-cmd_--direct_--get-all-rules firewall-cmd --direct --get-all-rules
say firewalld/firewall-cmd_--direct_--get-all-passthroughs firewall-cmd --direct --get-all-passthroughs
say selinux/sestatus_-b sestatus -b
say selinux/semanage_port_-l semanage port -l
say selinux/semanage_module_-l semanage module -l
say rpm/package-data rpm -qa 'keepalived*' 'haproxy*'
say dpkg/dpkg_-l dpkg -l
say systemd/systemctl_list-unit-files systemctl list-unit-files
say systemd/systemctl_list-units_--all systemctl list-units --all

cd / || exit 1
for path in \
    etc/keepalived etc/haproxy etc/firewalld etc/nftables.conf etc/nftables etc/nftables.d etc/iptables etc/ufw etc/ipset* \
    etc/sysconfig etc/default etc/network etc/netplan etc/NetworkManager/system-connections etc/hosts etc/hostname \
    etc/sysctl.conf etc/sysctl.d usr/lib/sysctl.d usr/local/lib/sysctl.d run/sysctl.d \
    etc/rsyslog.conf etc/rsyslog.d etc/logrotate.conf etc/logrotate.d etc/selinux/config etc/os-release usr/lib/os-release \
    etc/systemd usr/lib/systemd/system/keepalived.service* usr/lib/systemd/system/haproxy.service* usr/libexec/keepalived \
    $(grep -rhoE '/(usr/local|opt|root|home|srv)/[A-Za-z0-9_./+-]+' etc/keepalived 2>/dev/null | sort -u | cut -c2-); do
    if [ -e "$path" ] && { [ -d "$path" ] || [ "$(wc -c <"$path")" -lt 262144 ]; }; then
        set -- "$@" "$path"
    fi
done
tar -czf - --ignore-failed-read --exclude='*.pem' --exclude='*.key' --exclude='*.crt' --exclude='*.p12' \
    "$@" -C "$work" sos_commands 2>/dev/null
