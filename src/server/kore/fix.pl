#!/usr/bin/perl
# Applies our repairs to a copy of Kore's source.
#
#	fix.pl TREE FIX...
#
# A fix is a small Perl file that says where (in), at which anchor (after,
# before, replace, body) and with what text of ours.  Every anchor must hit
# exactly once in its scope; anything else stops the build, so a changed
# source is noticed and never half repaired.

use strict;
use warnings;

my ($tree, @fixes) = @ARGV;
my ($fix, $file, $function, %text);

sub stop { die "fix.pl: $fix: @_\n" }

# The file, and the function in it, that what follows is about.
sub in {
	($file, $function) = @_;
	return if defined $text{$file};
	open(my $fh, '<', "$tree/$file") or stop("$file: $!");
	local $/;
	$text{$file} = <$fh>;
}

# Where the scope begins and ends in the file's text.
sub scope {
	my $all = \$text{$file};
	return (0, length $$all) unless defined $function;

	my @starts;
	push @starts, $-[0] while $$all =~ /^\Q$function\E\([^;]*?\)\n\{\n/mg;
	stop("$file: $function: ", scalar @starts, " definitions")
	    if @starts != 1;
	my $end = index($$all, "\n}\n", $starts[0]);
	stop("$file: $function has no end") if $end < 0;
	return ($starts[0], $end + 3);
}

# The one hit of an anchor: offset and length.
sub hit {
	my ($anchor) = @_;
	my ($start, $end) = scope();
	my $part = substr($text{$file}, $start, $end - $start);
	my $pattern = ref $anchor ? $anchor : qr/\Q$anchor\E/;
	my @hits;
	push @hits, [$-[0] + $start, $+[0] - $-[0]] while $part =~ /$pattern/g;
	stop("$file: ", scalar @hits, " hits for: $anchor") if @hits != 1;
	return @{$hits[0]};
}

# Put text behind the line of the anchor, or before it.
sub after {
	my ($at) = hit($_[0]);
	$at = index($text{$file}, "\n", $at) + 1;
	substr($text{$file}, $at, 0) = $_[1];
}

sub before {
	my ($at) = hit($_[0]);
	$at = rindex($text{$file}, "\n", $at) + 1;
	substr($text{$file}, $at, 0) = $_[1];
}

# Put text in the place of the anchor itself.
sub replace {
	my ($at, $len) = hit($_[0]);
	substr($text{$file}, $at, $len) = $_[1];
}

# Put text in the place of everything between a function's braces.
sub body {
	my ($start, $end) = scope();
	my $open = index($text{$file}, "\n{\n", $start) + 3;
	substr($text{$file}, $open, $end - 2 - $open) = $_[0];
}

for (@fixes) {
	$fix = $_;
	($file, $function) = (undef, undef);
	open(my $fh, '<', $fix) or stop($!);
	my $code = do { local $/; <$fh> };
	eval "#line 1 \"$fix\"\n$code; 1" or die "fix.pl: $fix: $@";
}

for (sort keys %text) {
	open(my $fh, '>', "$tree/$_") or die "fix.pl: $_: $!\n";
	print $fh $text{$_};
	close $fh or die "fix.pl: $_: $!\n";
}
