#!/bin/sh
logger "lb1 is master"
